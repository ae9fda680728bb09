/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Classifies Redis' error replies; the only place that does.
 *
 * <p>A Redis error starts with a code in capitals; errors with the generic code {@code ERR} are
 * distinguished by their text. An unknown error fails the task instead of being retried forever.
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
          "REDIRECT",
          "NOREPLICAS",
          "MISCONF",
          "UNBLOCKED",
          "NOGOODSLAVE",
          "FAILOVER",
          "IOERR",
          // the group was lost: the reader recreates it after it reconnects
          "NOGROUP");

  private static final Set<String> OUTAGE_TEXTS =
      Set.of(
          "max number of clients",
          "replica can't interact",
          "connection is closing",
          "Script killed by user");

  private static final Set<String> RECORD_TEXTS =
      Set.of(
          "string exceeds maximum allowed size",
          "invalid bulk length",
          "invalid multibulk length",
          // RedisJSON
          "recursion limit exceeded",
          "Element too large",
          "Elements are too large");

  private static final String ABORTED = "EXECABORT Transaction discarded because of: ";

  /** Location of a script error, which Redis before 7.0 puts in front of the reason. */
  private static final Pattern SCRIPT_POSITION = Pattern.compile("^@user_script: \\d+: -?");

  /** Remedies, by the beginning or a part of the reply. */
  private static final Map<String, String> HINTS = hints();

  private static Map<String, String> hints() {
    Map<String, String> hints = new LinkedHashMap<>();
    hints.put("NOAUTH", "set redis.username and redis.password");
    hints.put("WRONGPASS", "check redis.username and redis.password");
    hints.put("NOPERM", "grant the user of redis.username this command and key (ACL)");
    hints.put("WRONGTYPE", "the key is not a stream: set another one");
    hints.put("NOPROTO", "the server is older than Redis 6.2");
    hints.put("DENIED", "the server is in protected mode: check its bind and requirepass");
    hints.put("CROSSSLOT", "give the keys a common hash tag, such as {claims}:events");
    hints.put(
        "The user executing the script can't",
        "grant the user of redis.username the commands and keys of the connector (ACL)");
    hints.put(
        "without any password configured",
        "the server requires no password: remove redis.password");
    hints.put("but no password is set", "the server requires no password: remove redis.password");
    hints.put("DB index is out of range", "check the database in redis.uri");
    hints.put("SELECT is not allowed in cluster mode", "remove the database from redis.uri");
    hints.put("cluster support disabled", "the server is not a cluster: check redis.topology");
    hints.put(
        "unknown command",
        "Redis 6.2 or newer is required, without renaming this command (rename-command)");
    hints.put(
        "exhausted the last possible ID", "the stream accepts no more entries: set another one");
    hints.put(
        "equal or smaller than the target stream top item",
        "the stream's last id is ahead of the server's clock");
    return hints;
  }

  private RedisErrors() {}

  /**
   * Returns the kind of an error reply, by its whole text, such as {@code OOM command not allowed
   * …}.
   */
  public static RedisErrorKind kindOf(String reply) {
    String reason = reasonOf(reply);
    if (OUTAGE_CODES.contains(firstWord(reason)) || containsAny(reason, OUTAGE_TEXTS)) {
      return RedisErrorKind.OUTAGE;
    }
    return containsAny(reason, RECORD_TEXTS) ? RedisErrorKind.RECORD : RedisErrorKind.CONFIGURATION;
  }

  /** Returns the code of an error reply, such as {@code NOGROUP}. */
  public static String codeOf(String reply) {
    return firstWord(reasonOf(reply));
  }

  /** Removes the prefix that a transaction or a script puts in front of the reason. */
  private static String reasonOf(String reply) {
    String reason = reply.startsWith(ABORTED) ? reply.substring(ABORTED.length()) : reply;
    return SCRIPT_POSITION.matcher(reason).replaceFirst("").strip();
  }

  private static String firstWord(String text) {
    int space = text.indexOf(' ');
    return space < 0 ? text : text.substring(0, space);
  }

  /**
   * Returns the exception to throw for an error reply.
   *
   * @param reply the server's message
   * @param what the refused command and its key, such as {@code XADD claims:analytics}
   */
  public static ConnectException toException(String reply, String what) {
    String message = "Redis refused " + what + ": " + reply.strip();
    return switch (kindOf(reply)) {
      case OUTAGE -> new RedisOutageException(message, null);
      case RECORD -> new RedisRecordException(message);
      case CONFIGURATION ->
          new RedisConfigurationException(
              HINTS.entrySet().stream()
                  .filter(hint -> reply.contains(hint.getKey()))
                  .map(hint -> message + " (" + hint.getValue() + ")")
                  .findFirst()
                  .orElse(message),
              null);
    };
  }

  private static boolean containsAny(String reply, Set<String> texts) {
    return texts.stream().anyMatch(reply::contains);
  }
}
