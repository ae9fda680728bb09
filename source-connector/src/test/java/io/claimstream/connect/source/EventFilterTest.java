/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.client.Replies;
import io.claimstream.connect.source.SimulatedConnect.SimulatedTask;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A group that needs only some of the stream's entries. */
class EventFilterTest extends Scenario {

  EventFilterTest() {
    super("event.filter", "type=claim_paid,type=claim_rejected");
  }

  @Test
  void entriesThatTheFilterDoesNotAcceptAreAcknowledgedAndNotEmitted() {
    // given
    List<String> wanted = new ArrayList<>();
    addOf("claim_filed");
    wanted.add(addOf("claim_paid"));
    addOf("claim_filed");
    wanted.add(addOf("claim_rejected"));
    addOf("claim_filed");

    // when
    run(start());

    // then
    assertThat(connect.committed()).isEqualTo(wanted);
    assertThat(pending()).isZero();
  }

  @Test
  void aBadEntryThatTheFilterDoesNotAcceptFailsNothing() {
    // given
    addBad();
    String wanted = addOf("claim_paid");

    // when
    SimulatedTask task = start();
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).containsExactly(wanted);
    assertThat(pending()).isZero();
  }

  @Test
  void aLostGroupEmitsNothingTwiceAndStillFilters() {
    // given a group whose last entries were not accepted
    List<String> wanted = new ArrayList<>();
    wanted.add(addOf("claim_paid"));
    addOf("claim_filed");
    run(start());
    redis.call("XGROUP", "DESTROY", STREAM, GROUP);

    // when
    wanted.add(addOf("claim_paid"));
    SimulatedTask task = start();
    run(task);

    // then
    assertThat(task.failure()).isEmpty();
    assertThat(connect.committed()).isEqualTo(wanted);
    assertThat(pending()).isZero();
  }

  private String addOf(String type) {
    Object id = redis.call("XADD", STREAM, "*", "claim_id", "CLM-1", "type", type);
    return STREAM + "/" + Replies.text(id);
  }
}
