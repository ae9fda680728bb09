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
        "MOVED 3999 127.0.0.1:6381",
        "ASK 3999 127.0.0.1:6381",
        "NOREPLICAS Not enough good replicas to write.",
        "MISCONF Redis is configured to save RDB snapshots, but it's unable to persist on disk.",
        "UNBLOCKED force unblock from blocking operation, instance state changed",
        "ERR max number of clients reached",
        "NOGROUP No such key 'claims:events' or consumer group 'claims-processors'",
        "EXECABORT Transaction discarded because of: OOM command not allowed when used memory.",
        "EXECABORT Transaction discarded because of: READONLY You can't write against a replica."
      })
  void waitsForWhatTheServerCannotDoNow(String reply) {
    assertThat(RedisErrors.kindOf(reply)).isEqualTo(RedisErrorKind.OUTAGE);
    assertThat(RedisErrors.toException(reply, "XADD claims:analytics"))
        .isInstanceOf(RedisOutageException.class)
        .hasMessageContainingAll("XADD claims:analytics", reply);
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
          WRONGTYPE Operation against a key holding the wrong kind of value | no stream
          DENIED Redis is running in protected mode | protected mode
          NOPROTO unsupported protocol version | 6.2
          """)
  void tellsTheOperatorWhatToChange(String reply, String hint) {
    assertThat(RedisErrors.kindOf(reply)).isEqualTo(RedisErrorKind.OPERATOR);
    assertThat(RedisErrors.toException(reply, "XADD claims:analytics"))
        .isInstanceOf(RedisOperatorException.class)
        .hasMessageContainingAll("XADD claims:analytics", reply, hint);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ERR unknown command 'XADD', with args beginning with: 'k' ",
        "ERR wrong number of arguments for 'xadd' command",
        "EXECABORT Transaction discarded because of previous errors.",
        "NOBODYKNOWS this one",
        ""
      })
  void failsLoudlyOnWhatItDoesNotKnow(String reply) {
    ConnectException failure = RedisErrors.toException(reply, "XADD claims:analytics");

    assertThat(failure).isInstanceOf(RedisOperatorException.class).hasMessageContaining(reply);
  }

  @Test
  void takesTheFirstWordAsCode() {
    assertThat(RedisErrors.codeOf("NOGROUP No such key 'k'")).isEqualTo("NOGROUP");
    assertThat(RedisErrors.codeOf("UNBLOCKED")).isEqualTo("UNBLOCKED");
  }
}
