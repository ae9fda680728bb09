/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The one place that says what an error reply of Redis means.
 *
 * <p>Redis starts each error with a code in capitals; the generic code {@code ERR} is told apart by
 * its text. What is not known here fails the task loudly instead of being tried for ever.
 *
 * @see <a href="https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors">RESP
 *     errors</a>
 */
public final class RedisErrors {

  private static final Set<String> OUTAGE_CODES =
      Set.of(
          "LOADING",
          "READONLY",
          "CLUSTERDOWN",
          "MASTERDOWN",
          "TRYAGAIN",
          "OOM",
          "BUSY",
          "MOVED",
          "ASK",
          "NOREPLICAS",
          "MISCONF",
          "UNBLOCKED",
          "NOGOODSLAVE",
          "FAILOVER",
          // the group is lost: whoever reads through it makes it again after connecting anew
          "NOGROUP");

  private static final Set<String> OUTAGE_TEXTS =
      Set.of("max number of clients", "replica can't interact", "connection is closing");

  private static final Set<String> RECORD_TEXTS =
      Set.of(
          "string exceeds maximum allowed size",
          "invalid bulk length",
          "invalid multibulk length",
          "Element too large",
          "Elements are too large");

  private static final String ABORTED = "EXECABORT Transaction discarded because of: ";

  private static final Map<String, String> HINTS =
      Map.ofEntries(
          Map.entry("NOAUTH", "set redis.username and redis.password"),
          Map.entry("WRONGPASS", "check redis.username and redis.password"),
          Map.entry("NOPERM", "grant the user of redis.username this command and key (ACL)"),
          Map.entry("WRONGTYPE", "the key holds no stream: name another one in the settings"),
          Map.entry("NOPROTO", "the server is older than Redis 6.2"),
          Map.entry("DENIED", "the server is in protected mode: check its bind and requirepass"));

  private RedisErrors() {}

  /** The kind of an error reply, from its whole text, such as {@code OOM command not allowed …}. */
  public static RedisErrorKind kindOf(String reply) {
    if (reply.startsWith(ABORTED)) {
      return kindOf(reply.substring(ABORTED.length()));
    }
    if (OUTAGE_CODES.contains(codeOf(reply)) || containsAny(reply, OUTAGE_TEXTS)) {
      return RedisErrorKind.OUTAGE;
    }
    return containsAny(reply, RECORD_TEXTS) ? RedisErrorKind.RECORD : RedisErrorKind.OPERATOR;
  }

  /** The code an error reply begins with, such as {@code NOGROUP}. */
  public static String codeOf(String reply) {
    int space = reply.indexOf(' ');
    return space < 0 ? reply : reply.substring(0, space);
  }

  /**
   * The exception to throw for an error reply.
   *
   * @param reply the server's own words
   * @param what the command and key that were refused, such as {@code XADD claims:analytics}
   */
  public static ConnectException toException(String reply, String what) {
    String message = what + " was refused by Redis: " + reply;
    return switch (kindOf(reply)) {
      case OUTAGE -> new RedisOutageException(message, null);
      case RECORD -> new RedisRecordException(message);
      case OPERATOR -> {
        String hint = HINTS.get(codeOf(reply));
        yield new RedisOperatorException(
            hint == null ? message : message + " (" + hint + ")", null);
      }
    };
  }

  private static boolean containsAny(String reply, Set<String> texts) {
    return texts.stream().anyMatch(reply::contains);
  }
}
