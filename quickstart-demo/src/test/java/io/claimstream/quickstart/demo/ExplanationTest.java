/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.stack.StackException;
import java.net.ConnectException;
import org.junit.jupiter.api.Test;

class ExplanationTest {

  @Test
  void theLinesBehindTheFirstAreThere() {
    StackException failure =
        new StackException(
            "kafka ended with status 1; last lines of kafka.log:\nERROR No space left on device");

    assertThat(Explanation.of(failure))
        .isEqualTo(
            "kafka ended with status 1; last lines of kafka.log:\nERROR No space left on device");
  }

  @Test
  void theCauseIsThereAndNothingTwice() {
    ConnectException cause = new ConnectException("Connection refused");

    assertThat(Explanation.of(new DemoException("the stack did not start", cause)))
        .isEqualTo("the stack did not start\n  because: ConnectException: Connection refused");
    assertThat(
            Explanation.of(
                new DemoException("cannot ask: ConnectException: Connection refused", cause)))
        .isEqualTo("cannot ask: ConnectException: Connection refused");
  }

  @Test
  void aTraceInAMessageKeepsItsReasonsOnly() {
    StackException failure =
        new StackException(
            "claims-source task 0 failed: ConnectException: no\n\tat a.B.c(B.java:1)\n"
                + "Caused by: RedisOutageException: refused\n\t... 8 more");

    assertThat(Explanation.of(failure))
        .isEqualTo(
            "claims-source task 0 failed: ConnectException: no\n"
                + "Caused by: RedisOutageException: refused");
  }
}
