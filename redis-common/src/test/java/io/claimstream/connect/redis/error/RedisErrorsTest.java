/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisErrorsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "LOADING Redis is loading the dataset in memory",
        "READONLY You can't write against a read only replica.",
        "CLUSTERDOWN The cluster is down",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "TRYAGAIN Multiple keys request during rehashing of slot",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "BUSY Redis is busy running a script. You can only call SCRIPT KILL.",
        "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.",
        "BUSY Redis is busy in a module command.",
        "CLUSTERDOWN The cluster is down and only accepts read commands",
        "CLUSTERDOWN Hash slot not served",
        "CLUSTERDOWN Hash slot is unbound",
        "IOERR error or timeout reading to target instance",
        "REDIRECT 127.0.0.1:6381",
        "UNBLOCKED client unblocked via CLIENT UNBLOCK",
        "ERR max number of clients + cluster connections reached",
        "ERR Error running script: @user_script:12: Script killed by user with SCRIPT KILL...",
        "OOM command not allowed when used memory > 'maxmemory'. script: 4f6, on @user_script:55.",
        "@user_script: 37: -OOM command not allowed when used memory > 'maxmemory'.\r\n",
        "@user_script: 37: -READONLY You can't write against a read only replica.\r\n",
        "@user_script: 37: -NOREPLICAS Not enough good replicas to write.\r\n",
        "@user_script: 37: -MISCONF Redis is configured to save RDB snapshots\r\n",
        "MOVED 3999 127.0.0.1:6381",
        "ASK 3999 127.0.0.1:6381",
        "NOREPLICAS Not enough good replicas to write.",
        "MISCONF Redis is configured to save RDB snapshots, but it's unable to persist on disk.",
        "UNBLOCKED force unblock from blocking operation, instance state changed",
        "ERR max number of clients reached",
        "ERR connection is closing: a command before this one was malformed",
        "NOGROUP No such key 'claims:events' or consumer group 'claims-processors'",
        "EXECABORT Transaction discarded because of: OOM command not allowed when used memory.",
        "EXECABORT Transaction discarded because of: READONLY You can't write against a replica."
      })
  void waitsForWhatTheServerCannotDoNow(String reply) {
    assertThat(RedisErrors.kindOf(reply)).isEqualTo(RedisErrorKind.OUTAGE);
    assertThat(RedisErrors.toException(reply, "XADD claims:analytics"))
        .isInstanceOf(RedisOutageException.class)
        .hasMessageContainingAll("XADD claims:analytics", reply.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
        "ERR Protocol error: invalid bulk length",
        "ERR Protocol error: invalid multibulk length",
        "ERR Elements are too large to be stored"
      })
  void blamesTheRecordForItsSize(String reply) {
    assertThat(RedisErrors.kindOf(reply)).isEqualTo(RedisErrorKind.RECORD);
    assertThat(RedisErrors.toException(reply, "XADD claims:analytics"))
        .isInstanceOf(RedisRecordException.class)
        .hasMessageContainingAll("XADD claims:analytics", reply);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NOAUTH Authentication required. | redis.password
          WRONGPASS invalid username-password pair or user is disabled. | redis.username
          NOPERM this user has no permissions to run the 'xadd' command | ACL
          WRONGTYPE Operation against a key holding the wrong kind of value | not a stream
          DENIED Redis is running in protected mode | protected mode
          NOPROTO unsupported protocol version | 6.2
          CROSSSLOT Keys in request don't hash to the same slot | hash tag
          ERR unknown command 'XAUTOCLAIM', with args beginning with: 'k' | 6.2
          ERR AUTH <password> called without any password configured for the default user. | remove redis.password
          ERR Client sent AUTH, but no password is set | remove redis.password
          ERR DB index is out of range | redis.uri
          ERR SELECT is not allowed in cluster mode | redis.uri
          ERR This instance has cluster support disabled | redis.topology
          ERR The stream has exhausted the last possible ID, unable to add more items | another one
          ERR The ID specified in XADD is equal or smaller than the target stream top item | clock
          @user_script: 3: The user executing the script can't run this command or subcommand | ACL
          NOPERM this user has no permissions to access one of the keys used as arguments | ACL
          """)
  void namesTheSettingToChange(String reply, String hint) {
    assertThat(RedisErrors.kindOf(reply)).isEqualTo(RedisErrorKind.CONFIGURATION);
    assertThat(RedisErrors.toException(reply, "XADD claims:analytics"))
        .isInstanceOf(RedisConfigurationException.class)
        .hasMessageContainingAll("XADD claims:analytics", reply, hint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERR Protocol error: unauthenticated multibulk length",
        "BUSYGROUP Consumer Group name already exists",
        "BUSYKEY Target key name already exists.",
        "NOSCRIPT No matching script. Please use EVAL.",
        "UNKILLABLE Sorry the script already executed write commands against the dataset.",
        "ERR syntax error",
        "ERR value is not an integer or out of range",
        "@user_script: 3: Wrong number of args calling Redis command From Lua script",
        "ERR wrong number of arguments for 'xadd' command",
        "EXECABORT Transaction discarded because of previous errors.",
        "NOBODYKNOWS this one",
        ""
      })
  void failsLoudlyOnWhatItDoesNotKnow(String reply) {
    ConnectException failure = RedisErrors.toException(reply, "XADD claims:analytics");

    assertThat(failure).isInstanceOf(RedisConfigurationException.class).hasMessageContaining(reply);
  }

  @Test
  void takesTheFirstWordAsCode() {
    assertThat(RedisErrors.codeOf("NOGROUP No such key 'k'")).isEqualTo("NOGROUP");
    assertThat(RedisErrors.codeOf("UNBLOCKED")).isEqualTo("UNBLOCKED");
    assertThat(RedisErrors.codeOf("@user_script: 37: -OOM command not allowed")).isEqualTo("OOM");
  }
}
