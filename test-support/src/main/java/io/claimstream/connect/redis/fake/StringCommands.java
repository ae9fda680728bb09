/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Commands of the server, of keys and of strings. */
final class StringCommands {
  private static final int SCANNED_AT_ONCE = 10;

  private final Keyspace keys;
  private final Clock clock;

  StringCommands(Keyspace keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  void addTo(CommandTable table) {
    table.add("PING", -1, a -> a.size() > 0 ? a.bytes(0) : Bytes.of("PONG"));
    table.add("GET", 2, a -> keys.string(a.raw(0)));
    table.add("SET", -3, this::set);
    table.add("DEL", -2, a -> a.from(0).stream().filter(k -> keys.remove(Bytes.raw(k))).count());
    table.add("EXISTS", -2, a -> a.from(0).stream().filter(k -> keys.exists(Bytes.raw(k))).count());
    table.add("SCAN", -2, this::scan);
    table.add("TYPE", 2, a -> Bytes.of(keys.type(a.raw(0))));
    table.add("RENAME", 3, this::rename);
    table.add("INCR", 2, this::incr);
    table.add("TIME", 1, a -> time());
    table.add("FLUSHALL", -1, a -> flush());
  }

  private @Nullable Object set(Arguments a) {
    String key = a.raw(0);
    for (int i = 2; i < a.size(); i++) {
      switch (a.option(i)) {
        case "NX" -> {
          if (keys.exists(key)) {
            return null;
          }
        }
        case "XX" -> {
          if (!keys.exists(key)) {
            return null;
          }
        }
        default -> throw CommandError.syntax();
      }
    }
    keys.putString(key, a.bytes(1));
    return Bytes.of("OK");
  }

  /** Returns some keys and where to go on. Of patterns only the asterisk is known. */
  private Object scan(Arguments a) {
    List<String> all = keys.names();
    int from = (int) a.number(0);
    int to = Math.min(all.size(), from + SCANNED_AT_ONCE);
    Predicate<String> wanted = key -> true;
    for (int i = 1; i < a.size(); i += 2) {
      String value = a.raw(i + 1);
      switch (a.option(i)) {
        case "MATCH" -> {
          String regex = Pattern.quote(value).replace("*", "\\E.*\\Q");
          wanted = wanted.and(Pattern.compile(regex, Pattern.DOTALL).asMatchPredicate());
        }
        case "TYPE" -> wanted = wanted.and(key -> keys.type(key).equals(value));
        case "COUNT" -> a.number(i + 1);
        default -> throw CommandError.syntax();
      }
    }
    List<byte[]> page =
        all.subList(Math.min(from, to), to).stream().filter(wanted).map(Bytes::of).toList();
    return List.of(Bytes.of(to < all.size() ? to : 0), page);
  }

  private Object rename(Arguments a) {
    if (!keys.exists(a.raw(0))) {
      throw new CommandError("ERR no such key");
    }
    keys.rename(a.raw(0), a.raw(1));
    return Bytes.of("OK");
  }

  private Object incr(Arguments a) {
    byte[] old = keys.string(a.raw(0));
    try {
      long value = old == null ? 1 : Math.incrementExact(Long.parseLong(Bytes.raw(old)));
      keys.putString(a.raw(0), Bytes.of(value));
      return value;
    } catch (NumberFormatException e) {
      throw new CommandError("ERR value is not an integer or out of range");
    } catch (ArithmeticException e) {
      throw new CommandError("ERR increment or decrement would overflow");
    }
  }

  private Object time() {
    Instant now = clock.instant();
    return List.of(Bytes.of(now.getEpochSecond()), Bytes.of(now.getNano() / 1_000));
  }

  private Object flush() {
    keys.removeAll();
    return Bytes.of("OK");
  }
}
