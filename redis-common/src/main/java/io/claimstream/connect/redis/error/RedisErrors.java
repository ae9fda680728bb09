/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
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
          "REDIRECT",
          "NOREPLICAS",
          "MISCONF",
          "UNBLOCKED",
          "NOGOODSLAVE",
          "FAILOVER",
          "IOERR",
          // the group is lost: whoever reads through it makes it again after connecting anew
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
          "Element too large",
          "Elements are too large");

  private static final String ABORTED = "EXECABORT Transaction discarded because of: ";

  /** Redis before 7.0 tells a script where it failed, and only then why. */
  private static final Pattern SCRIPT_POSITION = Pattern.compile("^@user_script: \\d+: -?");

  /** What to change, by what the reply begins with or holds. */
  private static final Map<String, String> HINTS = hints();

  private static Map<String, String> hints() {
    Map<String, String> hints = new LinkedHashMap<>();
    hints.put("NOAUTH", "set redis.username and redis.password");
    hints.put("WRONGPASS", "check redis.username and redis.password");
    hints.put("NOPERM", "grant the user of redis.username this command and key (ACL)");
    hints.put("WRONGTYPE", "the key holds no stream: name another one in the settings");
    hints.put("NOPROTO", "the server is older than Redis 6.2");
    hints.put("DENIED", "the server is in protected mode: check its bind and requirepass");
    hints.put("CROSSSLOT", "give the keys a common hash tag, such as {claims}:events");
    hints.put(
        "The user executing the script can't",
        "grant the user of redis.username the commands and keys of the connector (ACL)");
    hints.put("without any password configured", "the server asks for none: unset redis.password");
    hints.put("but no password is set", "the server asks for none: unset redis.password");
    hints.put("DB index is out of range", "check the database in redis.uri");
    hints.put("SELECT is not allowed in cluster mode", "take the database out of redis.uri");
    hints.put("cluster support disabled", "the server is no cluster: check redis.topology");
    hints.put(
        "unknown command",
        "Redis 6.2 or newer is needed, without renaming this command (rename-command)");
    hints.put(
        "exhausted the last possible ID", "the stream takes no more entries: name another one");
    hints.put(
        "equal or smaller than the target stream top item",
        "the stream's last id lies ahead of the server's clock");
    return hints;
  }

  private RedisErrors() {}

  /** The kind of an error reply, from its whole text, such as {@code OOM command not allowed …}. */
  public static RedisErrorKind kindOf(String reply) {
    String reason = reasonOf(reply);
    if (OUTAGE_CODES.contains(firstWord(reason)) || containsAny(reason, OUTAGE_TEXTS)) {
      return RedisErrorKind.OUTAGE;
    }
    return containsAny(reason, RECORD_TEXTS) ? RedisErrorKind.RECORD : RedisErrorKind.CONFIGURATION;
  }

  /** The code an error reply begins with, such as {@code NOGROUP}. */
  public static String codeOf(String reply) {
    return firstWord(reasonOf(reply));
  }

  /** Without what a transaction or a script puts before the reason. */
  private static String reasonOf(String reply) {
    String reason = reply.startsWith(ABORTED) ? reply.substring(ABORTED.length()) : reply;
    return SCRIPT_POSITION.matcher(reason).replaceFirst("").strip();
  }

  private static String firstWord(String text) {
    int space = text.indexOf(' ');
    return space < 0 ? text : text.substring(0, space);
  }

  /**
   * The exception to throw for an error reply.
   *
   * @param reply the server's own words
   * @param what the command and key that were refused, such as {@code XADD claims:analytics}
   */
  public static ConnectException toException(String reply, String what) {
    String message = what + " was refused by Redis: " + reply.strip();
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
