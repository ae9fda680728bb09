/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.quickstart.stack.LocalStack;
import java.nio.file.Path;

/** What a person can look at while the stack is up. */
final class WhereToLook {

  private WhereToLook() {}

  /** A few lines of addresses and commands. */
  static String text(LocalStack stack, Path logs) {
    String connect = stack.connect().url();
    int redis = stack.redis().port();
    return """

        Where to look
          connectors   curl -s %1$s/connectors?expand=status
          source       curl -s %1$s/connectors/claims-source/offsets
          schemas      curl -s %2$s/subjects
          events       redis-cli -p %3$d XREVRANGE claims:events + - COUNT 2
          analytics    redis-cli -p %3$d XREVRANGE claims:analytics + - COUNT 2
          group        redis-cli -p %3$d XINFO GROUPS claims:events
          topics       kafka-console-consumer.sh --bootstrap-server %4$s --topic claims.events
                       and claims.snapshots, where every claim stands
                       (values are Avro in Confluent's wire format)
          logs         %5$s
        """
        .formatted(
            connect,
            stack.registry().confluentUrl(),
            redis,
            stack.kafka().bootstrapServers(),
            logs);
  }
}
