/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.fake.Keyspace.FakeHash;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Commands of hashes. */
final class HashCommands {
  private final Keyspace keys;

  HashCommands(Keyspace keys) {
    this.keys = keys;
  }

  void addTo(CommandTable table) {
    table.add("HSET", -4, this::set);
    table.add("HGET", 3, a -> field(keys.hash(a.raw(0)), a.raw(1)));
    table.add("HMGET", -3, this::getSome);
    table.add("HGETALL", 2, this::getAll);
    table.add("HDEL", -3, this::delete);
    table.add("HSETNX", 4, this::setIfAbsent);
    table.add("HINCRBY", 4, this::increment);
    table.add("HLEN", 2, this::length);
    table.add("HEXISTS", 3, a -> field(keys.hash(a.raw(0)), a.raw(1)) == null ? 0L : 1L);
  }

  private Object set(Arguments a) {
    a.require(a.size() % 2 == 1);
    FakeHash hash = keys.makeHash(a.raw(0));
    long added = 0;
    for (int i = 1; i < a.size(); i += 2) {
      added += hash.fields.put(a.raw(i), a.bytes(i + 1)) == null ? 1 : 0;
    }
    keys.touch(a.raw(0));
    return added;
  }

  private Object setIfAbsent(Arguments a) {
    FakeHash hash = keys.makeHash(a.raw(0));
    if (hash.fields.putIfAbsent(a.raw(1), a.bytes(2)) != null) {
      return 0L;
    }
    keys.touch(a.raw(0));
    return 1L;
  }

  private Object increment(Arguments a) {
    long by = a.number(2);
    byte[] old = field(keys.hash(a.raw(0)), a.raw(1));
    long value;
    try {
      value = Math.addExact(old == null ? 0 : Long.parseLong(Bytes.raw(old)), by);
    } catch (NumberFormatException e) {
      throw new CommandError("ERR hash value is not an integer");
    } catch (ArithmeticException e) {
      throw new CommandError("ERR increment or decrement would overflow");
    }
    keys.makeHash(a.raw(0)).fields.put(a.raw(1), Bytes.of(value));
    keys.touch(a.raw(0));
    return value;
  }

  private static byte @Nullable [] field(@Nullable FakeHash hash, String name) {
    return hash == null ? null : hash.fields.get(name);
  }

  private Object getSome(Arguments a) {
    FakeHash hash = keys.hash(a.raw(0));
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 1; i < a.size(); i++) {
      values.add(field(hash, a.raw(i)));
    }
    return values;
  }

  private Object getAll(Arguments a) {
    List<@Nullable Object> flat = new ArrayList<>();
    FakeHash hash = keys.hash(a.raw(0));
    if (hash != null) {
      hash.fields.forEach(
          (name, value) -> {
            flat.add(Bytes.of(name));
            flat.add(value);
          });
    }
    return flat;
  }

  private Object delete(Arguments a) {
    FakeHash hash = keys.hash(a.raw(0));
    if (hash == null) {
      return 0L;
    }
    long removed =
        a.from(1).stream().filter(name -> hash.fields.remove(Bytes.raw(name)) != null).count();
    if (hash.fields.isEmpty()) {
      keys.remove(a.raw(0));
    } else if (removed > 0) {
      keys.touch(a.raw(0));
    }
    return removed;
  }

  private Object length(Arguments a) {
    FakeHash hash = keys.hash(a.raw(0));
    return hash == null ? 0L : (long) hash.fields.size();
  }
}
