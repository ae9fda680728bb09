/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTemplateTest {

  @ParameterizedTest
  @CsvSource({
    "${stream}, claims:events, a, claims.events",
    "x.${stream}.${type}, claims:events, claim/paid, x.claims.events.claim_paid",
    "claims.${type}, s, claim.paid, claims.claim_paid",
    "claims.${type}, s, claim_paid, claims.claim_paid",
    "claims.${type}.v1, ${type}, claim-paid, claims.claim-paid.v1",
    "${stream}.${type}, ${type}, paid, ..type..paid",
    "fixed, s, t, fixed",
    "_own, s, t, _own",
    "_own.${type}, s, t, _own.t",
    "${stream}, :, t, _",
    "${stream}, ::, t, __",
  })
  void theTopicIsLegalWhateverTheStreamAndTypeAre(
      String template, String stream, String type, String topic) {
    assertThat(TopicTemplate.parse(template).topic(stream, type))
        .isEqualTo(new TopicTemplate.Topic(topic, null));
  }

  @Test
  void aTopicIsNeverLongerThanKafkaAllows() {
    assertThat(TopicTemplate.parse("${stream}").topic("s".repeat(400), "").name()).hasSize(249);
  }

  @Test
  void anUnknownVariableAndAnEmptyTemplateAreRefused() {
    assertThatThrownBy(() -> TopicTemplate.parse("${table}"))
        .hasMessageContaining("${stream} and ${type}");
    assertThatThrownBy(() -> TopicTemplate.parse(" ")).hasMessageContaining("empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"__consumer_offsets", "__transaction_state", "__share_group_state"})
  void aTopicOfKafkasOwnIsRefusedAsASetting(String topic) {
    assertThatThrownBy(() -> TopicTemplate.parse(topic)).hasMessageContaining("internal topic");
  }

  @ParameterizedTest
  @CsvSource({
    "${type}, __consumer_offsets",
    "${type}, _connect-status",
    "${type}, _schemas",
    "${type}, ':paid'",
    "${type}, .",
    "${type}, ..",
    "_${type}, _consumer_offsets",
    "__${type}, consumer_offsets",
    "__${type}, transaction.state",
    "${type}, connect-configs",
    "connect-${type}, status",
  })
  void aTypeCannotChooseAnInternalTopic(String template, String type) {
    assertThat(TopicTemplate.parse(template).topic("s", type).refusal())
        .contains("internal", "the setting 'topic'");
  }

  @ParameterizedTest
  @CsvSource({"claims.${type}, failed", "claims_${type}, failed", "${type}, claims_failed"})
  void aTypeCannotChooseATopicThatIsReservedNorOneThatCollidesWithIt(String template, String type) {
    TopicTemplate topics = TopicTemplate.parse(template).reserving(List.of("claims.failed"));

    assertThat(topics.topic("s", type).refusal()).contains("'claims.failed'");
    assertThat(topics.topic("s", "paid").refusal()).isNull();
  }

  /** Kafka refuses to create the second of two topics whose names differ only in '.' and '_'. */
  @Test
  void whateverTheTypesOfAStreamAreTheirTopicsNeverCollide() {
    long seed = Long.getLong("test.seed", System.nanoTime());
    Random random = new Random(seed);
    TopicTemplate topics = TopicTemplate.parse("claims.${type}");
    List<String> names =
        random
            .ints(2_000, 1, 5)
            .mapToObj(length -> randomType(random, length))
            .map(type -> topics.topic("s", type).name())
            .distinct()
            .toList();

    assertThat(names.stream().map(Topic::unifyCollisionChars))
        .as("test.seed=%d", seed)
        .doesNotHaveDuplicates();
  }

  private static String randomType(Random random, int length) {
    StringBuilder type = new StringBuilder();
    for (int i = 0; i < length; i++) {
      type.append("ab._-:/".charAt(random.nextInt(7)));
    }
    return type.toString();
  }

  @Test
  void ofTheTopicsOfTwoStreamsThatCollideTheFirstOneIsUsed() {
    TopicTemplate topics = TopicTemplate.parse("${stream}.${type}");

    assertThat(topics.topic("a:b", "c").refusal()).isNull();
    assertThat(topics.topic("a", "b_c").refusal()).contains("only in '.' and '_'");
    assertThat(topics.topic("a:b", "c").refusal()).isNull();
    assertThat(topics.topic("a", "d").refusal()).isNull();
  }
}
