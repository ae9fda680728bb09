/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.ack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.fake.FakeRedis;
import io.claimstream.connect.redis.fake.Fault;
import io.claimstream.connect.redis.fake.FaultPlan;
import io.claimstream.connect.redis.fake.UnpublishedMetrics;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.metrics.StreamMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AcknowledgingConnectionTest {
  private static final ConsumerGroup GROUP = new ConsumerGroup("s", "g");

  private final FakeRedis redis = new FakeRedis(new FakeClock());
  private final AckTracker tracker = new AckTracker(null);
  private final LaneAcknowledgements due =
      new LaneAcknowledgements(
          tracker, new StreamMetrics(UnpublishedMetrics.task(), GROUP, TaskClock.system()));
  private final AcknowledgingConnection connection =
      new AcknowledgingConnection(redis.open("s"), GROUP, due);

  @BeforeEach
  void given() {
    redis.call("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM");
    List.of("one", "two", "three", "four", "five").forEach(key -> redis.call("SET", key, key));
  }

  /** Adds entries that Kafka has and that are pending. */
  private List<EntryId> delivered(int count) {
    List<EntryId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(EntryId.parse(String.valueOf(Replies.text(redis.call("XADD", "s", "*", "a", "b")))));
    }
    redis.call("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
    ids.forEach(tracker::delivered);
    return ids;
  }

  private long pending() {
    return (Long) Replies.list(redis.call("XPENDING", "s", "g")).get(0);
  }

  private void ask(String text) {
    connection.send(List.of(Command.of("GET", text)));
  }

  private @Nullable String answer() {
    return Replies.text(connection.receive(1, Duration.ZERO).get(0));
  }

  @Test
  void repliesToTheReaderAreNotMixedUpWithThoseToAcknowledgements() {
    // given acknowledgements between requests of the reader
    ask("one");
    delivered(2);
    connection.acknowledge();
    assertThat(pending()).isZero();
    ask("two");
    ask("three");
    delivered(1);
    connection.acknowledge();
    ask("four");

    // when, then
    assertThat(answer()).isEqualTo("one");
    assertThat(connection.awaitReply(Duration.ZERO)).isTrue();
    assertThat(answer()).isEqualTo("two");
    assertThat(connection.isClosedByServer()).isFalse();
    assertThat(answer()).isEqualTo("three");
    assertThat(answer()).isEqualTo("four");
    assertThat(Replies.text(connection.call(Command.of("GET", "five")))).isEqualTo("five");
  }

  @Test
  void receivingNothingDoesNotWaitForAnAcknowledgement() {
    // given
    List<EntryId> ids = delivered(2);
    connection.acknowledge();

    // when
    assertThat(connection.receive(0, Duration.ZERO)).isEmpty();
    connection.close();

    // then its reply was not read
    assertThat(tracker.take(10)).isEqualTo(ids);
  }

  @Test
  void whatWasNotConfirmedIsPutBackWhenTheConnectionIsClosed() {
    // given
    List<EntryId> ids = delivered(2);
    connection.acknowledge();

    // when
    connection.close();

    // then
    assertThat(tracker.take(10)).isEqualTo(ids);
  }

  @Test
  void nothingIsPutBackAfterTheRepliesWereAwaited() {
    // given a request of the reader before it, whose reply nobody wants any more
    delivered(2);
    ask("one");
    connection.acknowledge();

    // when
    assertThat(connection.settle(Duration.ZERO)).isTrue();
    connection.close();

    // then
    assertThat(tracker.take(10)).isEmpty();
  }

  @Test
  void anErrorSurfacesInTheReadersNextReplyAndTheEntriesArePutBackOnce() {
    // given
    List<EntryId> ids = delivered(2);
    redis.faults(
        FaultPlan.once(1, FaultPlan.named("XACK"), new Fault.Refusal("NOPERM no permissions")));
    connection.acknowledge();
    ask("one");

    // when, then
    assertThatThrownBy(this::answer).hasMessageContaining("XACK s").hasMessageContaining("NOPERM");
    assertThat(tracker.take(10)).isEqualTo(ids);
    assertThat(answer()).isEqualTo("one");
    connection.close();
    assertThat(tracker.take(10)).isEmpty();
  }
}
