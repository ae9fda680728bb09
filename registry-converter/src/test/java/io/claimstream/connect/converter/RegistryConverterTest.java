/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.StandardMBean;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.RetriableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryConverterTest {
  private static final Schema SCHEMA =
      SchemaBuilder.struct().name("n.Event").version(1).field("a", Schema.STRING_SCHEMA).build();
  private static final Struct EVENT = new Struct(SCHEMA).put("a", "some text");
  private static final MBeanServer JMX = ManagementFactory.getPlatformMBeanServer();

  private final FakeRegistry registry = new FakeRegistry();

  @AfterEach
  void end() {
    registry.close();
  }

  private RegistryConverter converter(PublishedConverter published) {
    Map<String, String> settings = new HashMap<>(published.settings(registry));
    settings.put("delegate", published.type);
    RegistryConverter converter = new RegistryConverter();
    converter.configure(settings, false);
    return converter;
  }

  /** What a worker publishes of a task. */
  public interface TaskMetricsMBean {}

  private static ObjectName task(String connector) throws JMException {
    String name = connector.matches("[\\w-]+") ? connector : ObjectName.quote(connector);
    return new ObjectName(
        "kafka.connect:type=connector-task-metrics,connector=" + name + ",task=0");
  }

  private static void publish(ObjectName task) throws JMException {
    JMX.registerMBean(new StandardMBean(new TaskMetricsMBean() {}, TaskMetricsMBean.class), task);
  }

  private static CompletableFuture<byte[]> write(RegistryConverter converter, String connector) {
    CompletableFuture<byte[]> written = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                written.complete(converter.fromConnectData("t", SCHEMA, EVENT));
              } catch (Throwable e) { // ConversionStopped is an Error
                written.completeExceptionally(e);
              }
            },
            "task-thread-" + connector + "-0");
    thread.setDaemon(true);
    thread.start();
    return written;
  }

  private static ObjectName waiting(String connector) throws JMException {
    String name = Objects.requireNonNull(task(connector).getKeyProperty("connector"));
    return new ObjectName(
        "claimstream:type=registry-wait,connector=" + name + ",task=0,converter=value");
  }

  @ParameterizedTest
  @EnumSource
  void aRecordGoesThereAndBack(PublishedConverter published) {
    RegistryConverter converter = converter(published);

    byte[] record = converter.fromConnectData("t", SCHEMA, EVENT);

    assertThat(((Struct) converter.toConnectData("t", record).value()).get("a"))
        .isEqualTo("some text");
  }

  @ParameterizedTest
  @EnumSource
  void aTaskWaitsUntilTheRegistryIsBackAndShowsThatItDoes(PublishedConverter published)
      throws Exception {
    // given
    String connector = "a connector, \"" + published + '"';
    ObjectName task = task(connector);
    publish(task);
    RegistryConverter converter = converter(published);
    registry.answer(503, "<html>down</html>");

    try {
      // when
      CompletableFuture<byte[]> record = write(converter, connector);

      // then
      await().until(() -> JMX.isRegistered(waiting(connector)));
      await().until(() -> (Long) JMX.getAttribute(waiting(connector), "Attempts") >= 2);
      assertThat((Double) JMX.getAttribute(waiting(connector), "Seconds")).isPositive();
      assertThat(record).isNotDone();

      // and when
      registry.recover();

      // then
      assertThat(record.get(10, TimeUnit.SECONDS)).isNotEmpty();
      await().until(() -> !JMX.isRegistered(waiting(connector)));
    } finally {
      JMX.unregisterMBean(task);
    }
  }

  @Test
  void aTaskThatIsStoppedWhileItWaitsEndsWithWhatConnectTakesForNoBadRecord() throws Exception {
    // given
    ObjectName task = task("stopped");
    publish(task);
    RegistryConverter converter = converter(PublishedConverter.APICURIO);
    registry.answer(503, "<html>down</html>");
    CompletableFuture<byte[]> record = write(converter, "stopped");
    await().until(() -> JMX.isRegistered(waiting("stopped")));

    // when the worker takes its metrics away, and a newer task's come at once
    JMX.unregisterMBean(task);
    publish(task);

    // then
    try {
      assertThatThrownBy(() -> record.get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(Error.class)
          .hasMessageContaining("its task was stopped");
      await().until(() -> !JMX.isRegistered(waiting("stopped")));
    } finally {
      JMX.unregisterMBean(task);
    }
  }

  @Test
  void aRecordThatIsBadIsPassedOnThoughTheRegistryWasUnavailableBefore() throws Exception {
    // given
    ObjectName task = task("bad");
    publish(task);
    RegistryConverter converter = converter(PublishedConverter.APICURIO);
    registry.answer(503, "<html>down</html>");

    try {
      CompletableFuture<byte[]> record = write(converter, "bad");
      await().until(() -> JMX.isRegistered(waiting("bad")));

      // when
      registry.answer(
          409,
          "{\"error_code\":409,\"name\":\"RuleViolationException\",\"message\":\"incompatible\"}");

      // then
      assertThatThrownBy(() -> record.get(10, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(RuntimeException.class)
          .hasMessageContaining("incompatible");
    } finally {
      JMX.unregisterMBean(task);
    }
  }

  @Test
  void withoutNoticeOfAStopConnectIsLeftToRetry() {
    // given
    Map<String, String> settings = new HashMap<>(registry.apicurio());
    settings.put("delegate", PublishedConverter.APICURIO.type);
    settings.put(
        "apicurio.registry.url",
        "http://user:secret@127.0.0.1:" + registry.port() + "/v2?t=secret");
    RegistryConverter converter = new RegistryConverter();
    converter.configure(settings, false);
    registry.answer(503, "<html>down</html>");

    // then
    assertThatThrownBy(() -> converter.fromConnectData("claims.events", SCHEMA, EVENT))
        .isInstanceOf(RetriableException.class)
        .hasMessageContaining(
            "http://127.0.0.1:" + registry.port() + "/v2 is unavailable (HTTP 503)")
        .hasMessageContaining("topic 'claims.events'")
        .hasMessageNotContaining("secret");
  }

  @Test
  void anExceptionOfTheDelegateThatIsNoOutageIsTheSameObject() {
    RegistryConverter converter = converter(PublishedConverter.APICURIO);

    assertThatThrownBy(() -> converter.toConnectData("t", new byte[] {1, 2, 3}))
        .isInstanceOf(RuntimeException.class)
        .isNotInstanceOf(RetriableException.class)
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "java.lang.String",
        "io.confluent.connect.avro.AvroConverter",
        "io.claimstream.connect.converter.RegistryConverter"
      })
  void validationPinsAWrongDelegateOnItsSetting(String type) {
    ConfigValue verdict =
        new RegistryConverter().config().validate(Map.of("delegate", type)).get(0);

    assertThat(verdict.errorMessages()).hasSize(1).first().asString().contains(type);
  }

  @Test
  void withoutADelegateItSaysWhatIsMissing() {
    assertThatThrownBy(() -> new RegistryConverter().configure(Map.of(), false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("delegate");
    assertThat(new RegistryConverter().config().validate(Map.of()).get(0).errorMessages())
        .isNotEmpty();
  }
}
