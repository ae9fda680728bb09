/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of the server, and how often each has changed. */
final class Keyspace {
  private final Map<String, Object> values = new HashMap<>();
  private final Map<String, Long> versions = new HashMap<>();
  private long changes;
  private boolean countsTrimmedAsRead;

  /** Makes streams that are created from now on count as those of Redis 8 do. */
  void countTrimmedAsRead() {
    countsTrimmedAsRead = true;
  }

  @Nullable FakeStream stream(String key) {
    return typed(key, FakeStream.class);
  }

  FakeStream makeStream(String key) {
    FakeStream stream = stream(key);
    if (stream == null) {
      stream = new FakeStream(countsTrimmedAsRead);
      values.put(key, stream);
      touch(key);
    }
    return stream;
  }

  byte @Nullable [] string(String key) {
    return typed(key, byte[].class);
  }

  void putString(String key, byte[] value) {
    values.put(key, value);
    touch(key);
  }

  @Nullable FakeHash hash(String key) {
    return typed(key, FakeHash.class);
  }

  FakeHash makeHash(String key) {
    FakeHash hash = hash(key);
    if (hash == null) {
      hash = new FakeHash();
      values.put(key, hash);
    }
    return hash;
  }

  boolean exists(String key) {
    return values.containsKey(key);
  }

  /** Returns all keys in order. */
  List<String> names() {
    return values.keySet().stream().sorted().toList();
  }

  String type(String key) {
    Object value = values.get(key);
    if (value == null) {
      return "none";
    }
    return value instanceof FakeStream ? "stream" : value instanceof FakeHash ? "hash" : "string";
  }

  boolean remove(String key) {
    boolean removed = values.remove(key) != null;
    if (removed) {
      touch(key);
    }
    return removed;
  }

  /** Renames a key and replaces the value of the new name. */
  void rename(String from, String to) {
    Object value = values.remove(from);
    if (value != null) {
      values.put(to, value);
      touch(from);
      touch(to);
    }
  }

  void removeAll() {
    values.keySet().forEach(this::touch);
    values.clear();
  }

  /** Returns all keys with their values, independent of later changes. */
  Map<String, Object> copy() {
    Map<String, Object> copy = new HashMap<>();
    values.forEach((key, value) -> copy.put(key, copyOf(value)));
    return copy;
  }

  /** Replaces all keys. */
  void replaceAll(Map<String, Object> others) {
    removeAll();
    others.forEach(
        (key, value) -> {
          values.put(key, copyOf(value));
          touch(key);
        });
  }

  private static Object copyOf(Object value) {
    if (value instanceof FakeStream stream) {
      return stream.copy();
    }
    if (value instanceof FakeHash hash) {
      FakeHash copy = new FakeHash();
      copy.fields.putAll(hash.fields);
      return copy;
    }
    return value; // the bytes of a string are never changed in place
  }

  /** Makes transactions that watch this key fail. */
  void touch(String key) {
    changes++;
    versions.put(key, changes);
  }

  /** Returns a number that changes whenever the key is modified. */
  long version(String key) {
    return versions.getOrDefault(key, 0L);
  }

  private <T> @Nullable T typed(String key, Class<T> type) {
    Object value = values.get(key);
    if (value == null) {
      return null;
    }
    if (!type.isInstance(value)) {
      throw CommandError.wrongType();
    }
    return type.cast(value);
  }

  /** Field names and values, in insertion order. */
  static final class FakeHash {
    final Map<String, byte[]> fields = new LinkedHashMap<>();
  }
}
