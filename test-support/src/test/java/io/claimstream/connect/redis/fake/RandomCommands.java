/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Random commands with few different arguments, whose replies do not depend on the time of day. */
final class RandomCommands {
  private static final Pattern HOLE = Pattern.compile("%[a-z]+");

  /** Templates, with likely ones repeated; placeholders are filled at random each time. */
  private static final List<String> PATTERNS =
      List.of(
          "XADD %key %newid f %value",
          "XADD %key %newid f %value",
          "XADD %key %newid f %value",
          "XADD %key %newid f %value f %value",
          "XADD %key MAXLEN = %count %newid f %value",
          "XADD %key MINID %id %newid f %value",
          "XADD %key NOMKSTREAM %newid f %value",
          "XADD %key %newid f",
          "XLEN %key",
          "XRANGE %key %start %end",
          "XRANGE %key %start %end COUNT %count",
          "XREVRANGE %key %end %start",
          "XREVRANGE %key %end %start COUNT %count",
          "XDEL %key %id",
          "XDEL %key %id %id",
          "XTRIM %key MAXLEN %count",
          "XTRIM %key MINID = %id",
          "XTRIM %key MAXLEN = %count LIMIT 1",
          "XREAD COUNT %count STREAMS %key %id",
          "XREAD BLOCK 1 STREAMS %key %key %id %position",
          "XREAD STREAMS %key %key %position %id",
          "XREAD STREAMS %key %id %id",
          "XGROUP CREATE %key %group %position MKSTREAM",
          "XGROUP CREATE %key %group %position",
          "XGROUP CREATE %key %group %position ENTRIESREAD %count",
          "XGROUP SETID %key %group %position",
          "XGROUP SETID %key %group %position ENTRIESREAD %count",
          "XGROUP DESTROY %key %group",
          "XGROUP CREATECONSUMER %key %group %consumer",
          "XGROUP DELCONSUMER %key %group %consumer",
          "XGROUP CREATE %key %group",
          "XGROUP DANCE %key %group",
          "XREADGROUP GROUP %group %consumer COUNT %count STREAMS %key >",
          "XREADGROUP GROUP %group %consumer STREAMS %key >",
          "XREADGROUP GROUP %group %consumer NOACK STREAMS %key >",
          "XREADGROUP GROUP %group %consumer COUNT %count STREAMS %key %id",
          "XREADGROUP GROUP %group %consumer STREAMS %key %key > %id",
          "XREADGROUP GROUP %group %consumer COUNT %count STREAMS %key $",
          "XACK %key %group %id",
          "XACK %key %group %id %id",
          "XPENDING %key %group",
          "XPENDING %key %group %start %end %count",
          "XPENDING %key %group %start %end %count %consumer",
          "XPENDING %key %group IDLE %idle - + %count %consumer",
          "XCLAIM %key %group %consumer %idle %id %id",
          "XCLAIM %key %group %consumer %idle %id IDLE 7200000",
          "XCLAIM %key %group %consumer %idle %id RETRYCOUNT %count FORCE",
          "XCLAIM %key %group %consumer %idle %id FORCE JUSTID",
          "XCLAIM %key %group %consumer %idle %id LASTID %id",
          "XCLAIM %key %group %consumer %idle %id MAYBE",
          "XAUTOCLAIM %key %group %consumer %idle %start COUNT %count",
          "XAUTOCLAIM %key %group %consumer %idle %id JUSTID",
          "XAUTOCLAIM %key %group %consumer soon 0",
          "XINFO STREAM %key",
          "XINFO GROUPS %key",
          "XINFO GROUPS %key",
          "XINFO CONSUMERS %key %group",
          "XINFO",
          "XINFO CONSUMERS %key",
          "GET %key",
          "SET %key %count",
          "SET %key %value NX",
          "SET %key %value XX",
          "INCR %key",
          "DEL %key %key",
          "EXISTS %key %key",
          "TYPE %key",
          "PING",
          "HSET %hash a %value b %value",
          "HSET %hash a %count",
          "HSET %hash a",
          "HGET %hash a",
          "HMGET %hash a b c",
          "HGETALL %hash",
          "HDEL %hash a b",
          "HSETNX %hash a %value",
          "HINCRBY %hash a %count",
          "HLEN %key",
          "HGET %key a",
          "MULTI",
          "EXEC",
          "EXEC",
          "DISCARD",
          "WATCH %key",
          "WATCH %key %hash",
          "UNWATCH",
          "DANCE %key",
          "GET");

  private final Random random;
  private int nextId;

  RandomCommands(long seed) {
    this.random = new Random(seed);
  }

  Command next() {
    String[] words = HOLE.matcher(oneOf(PATTERNS)).replaceAll(this::fill).split(" ", -1);
    Command command = Command.of(words[0]);
    for (int i = 1; i < words.length; i++) {
      command.add(words[i]);
    }
    return command;
  }

  private String fill(MatchResult hole) {
    return Matcher.quoteReplacement(
        switch (hole.group()) {
          case "%key" -> oneOf(List.of("s", "s", "s", "s", "t", "k"));
          case "%hash" -> oneOf(List.of("h", "h", "h", "k"));
          case "%group" -> oneOf(List.of("g", "g", "g", "other"));
          case "%consumer" -> oneOf(List.of("c1", "c2", "c3"));
          case "%newid" -> newId();
          case "%id" -> id();
          case "%position" -> oneOf(List.of("$", "0", id()));
          case "%start" -> oneOf(List.of("-", "-", id(), "(" + id(), millis()));
          case "%end" -> oneOf(List.of("+", "+", id(), "(" + id(), millis()));
          case "%count" -> String.valueOf(random.nextInt(5));
          case "%idle" -> oneOf(List.of("0", "0", "3600000", "-1"));
          case "%value" -> oneOf(List.of("x", "y", "ü"));
          default -> throw new IllegalStateException(hole.group());
        });
  }

  /** Returns the next id, and sometimes an earlier one. */
  private String newId() {
    if (random.nextInt(10) == 0) {
      return oneOf(List.of(id(), "0-0", nextId / 3 + "-*", "no-id"));
    }
    nextId++;
    return nextId / 3 + "-" + (1 + nextId % 3);
  }

  private String id() {
    int id = Math.max(0, nextId - random.nextInt(12));
    return random.nextInt(40) == 0 ? "1-x" : id / 3 + "-" + (1 + id % 3);
  }

  private String millis() {
    return String.valueOf(Math.max(0, nextId - random.nextInt(12)) / 3);
  }

  private String oneOf(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
