/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;

/** The exception's type outside a worker; integration tests check the status on a worker. */
class BadRequestTest {

  @Test
  void withoutTheClassesOfAWorkerTheMistakeIsNamedAllTheSame() {
    Throwable cause = new IllegalArgumentException("why");

    assertThat(BadRequest.because("no such thing", cause))
        .isInstanceOf(ConnectException.class)
        .hasMessage("no such thing")
        .hasCause(cause);
    assertThat(BadRequest.because("no such thing")).hasMessage("no such thing").hasNoCause();
  }

  @Test
  void onlyAnExceptionOfConnectWithTheRightConstructorIsTaken() {
    assertThat(BadRequest.constructor(DataException.class.getName())).isNotNull();
    assertThat(BadRequest.constructor("java.lang.String")).isNull();
    assertThat(BadRequest.constructor("java.lang.IllegalStateException")).isNull();
    assertThat(BadRequest.constructor("no.such.Exception")).isNull();
  }
}
