/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnalyticsTopologyTest {
  private static final Instant WINDOW = Instant.parse("2024-08-20T10:30:00Z");

  /** The records' own timestamp. */
  private static final Instant READ = WINDOW.plusSeconds(3_600);

  private static final Schema EVENT = schema("/schemas/claim-event/v2.avsc");
  private static final Schema ANALYTICS = StreamsApplication.schema("claim-analytics");
  private static final Conversions.DecimalConversion DECIMALS = new Conversions.DecimalConversion();

  private final Serde<GenericRecord> avro = avro();
  private final TopologyTestDriver driver =
      new TopologyTestDriver(new AnalyticsTopology(avro, ANALYTICS).build(), config());
  private final TestInputTopic<String, GenericRecord> input =
      driver.createInputTopic(AnalyticsTopology.INPUT, new StringSerializer(), avro.serializer());
  private final TestOutputTopic<String, GenericRecord> output =
      driver.createOutputTopic(
          AnalyticsTopology.OUTPUT, new StringDeserializer(), avro.deserializer());

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void countsTotalsAveragesAndFailuresOfAWindow() {
    event("claim_paid", WINDOW, "10.00", "ok");
    event("claim_paid", WINDOW.plusMillis(9_999), "10.01", "failed");
    event("claim_paid", WINDOW.plusSeconds(5), null, "ok");

    GenericRecord row = row("claim_paid@2024-08-20T10:30:00Z");

    assertThat(row.get("type")).hasToString("claim_paid");
    assertThat(row.get("window_start")).isEqualTo(WINDOW.toEpochMilli());
    assertThat(row.get("window_end")).isEqualTo(WINDOW.plusSeconds(10).toEpochMilli());
    assertThat(row.get("count")).isEqualTo(3L);
    assertThat(decimal(row, "amount_total")).isEqualTo(new BigDecimal("20.01"));
    assertThat(decimal(row, "amount_mean")).isEqualTo(new BigDecimal("6.67"));
    assertThat(row.get("failures")).isEqualTo(1L);
  }

  @Test
  void countsAFailureByTheFieldOfVersionTwoAsWellAsByTheAttributeOfVersionOne() {
    event("claim_paid", WINDOW, "1.00", "failed");
    eventWithStatusField("claim_paid", "failed");
    eventWithStatusField("claim_paid", "paid");

    GenericRecord row = row("claim_paid@2024-08-20T10:30:00Z");

    assertThat(row.get("count")).isEqualTo(3L);
    assertThat(row.get("failures")).isEqualTo(2L);
  }

  @Test
  void roundsTheMeanHalfUp() {
    event("claim_paid", WINDOW, "0.01", "ok");
    event("claim_paid", WINDOW, null, "ok");

    assertThat(decimal(row("claim_paid@2024-08-20T10:30:00Z"), "amount_mean"))
        .isEqualTo(new BigDecimal("0.01"));
  }

  @Test
  void keepsTypesAndWindowsApart() {
    event("claim_paid", WINDOW, "1.00", "ok");
    event("claim_rejected", WINDOW, "2.00", "ok");
    event("claim_paid", WINDOW.plusSeconds(10), "4.00", "ok");

    assertThat(rows())
        .containsOnlyKeys(
            "claim_paid@2024-08-20T10:30:00Z",
            "claim_rejected@2024-08-20T10:30:00Z",
            "claim_paid@2024-08-20T10:30:10Z")
        .allSatisfy((key, row) -> assertThat(row.get("count")).isEqualTo(1L));
  }

  @Test
  void countsAnEventThatIsHoursLate() {
    event("claim_paid", WINDOW.plus(Duration.ofHours(20)), "1.00", "ok");
    event("claim_paid", WINDOW, "2.00", "ok");

    assertThat(rows()).containsKey("claim_paid@2024-08-20T10:30:00Z");
  }

  @Test
  void agreesWithWhatTheGeneratorExpects() {
    ClaimGenerator generator = new ClaimGenerator(3, WINDOW, Duration.ofMillis(20));
    ExpectedFigures expected = new ExpectedFigures();

    Stream.generate(generator::next)
        .limit(5_000)
        .forEach(
            event -> {
              expected.add(event);
              String status = event.failed() ? "failed" : "ok";
              BigDecimal amount = event.amount();
              event(
                  event.type(),
                  event.timestamp(),
                  amount == null ? null : amount.toPlainString(),
                  status);
            });

    Map<String, Figures> figures = new HashMap<>();
    rows()
        .forEach(
            (key, row) ->
                figures.put(
                    key,
                    new Figures(
                        (long) row.get("count"),
                        decimal(row, "amount_total"),
                        (long) row.get("failures"))));
    Map<String, Figures> wanted = new HashMap<>();
    expected.totals().forEach((key, total) -> wanted.put(key.toString(), total));
    assertThat(figures).isEqualTo(wanted);
  }

  private void event(String type, Instant time, @Nullable String amount, String status) {
    GenericRecord event =
        new GenericRecordBuilder(EVENT)
            .set("stream_id", "1724149800000-0")
            .set("type", type)
            .set("claim_id", "CLM-1")
            .set("timestamp", time.toEpochMilli())
            .set("amount", amount == null ? null : bytes(new BigDecimal(amount)))
            .set("attributes", Map.of("status", status))
            .build();
    input.pipeInput("CLM-1", event, READ);
  }

  private void eventWithStatusField(String type, String status) {
    GenericRecord event =
        new GenericRecordBuilder(EVENT)
            .set("stream_id", "1724149800000-1")
            .set("type", type)
            .set("claim_id", "CLM-1")
            .set("timestamp", WINDOW.toEpochMilli())
            .set("status", status)
            .build();
    input.pipeInput("CLM-1", event, READ);
  }

  private static ByteBuffer bytes(BigDecimal amount) {
    return DECIMALS.toBytes(
        amount, EVENT.getField("amount").schema().getTypes().get(1), LogicalTypes.decimal(18, 2));
  }

  private static BigDecimal decimal(GenericRecord row, String field) {
    return DECIMALS.fromBytes(
        (ByteBuffer) row.get(field),
        ANALYTICS.getField(field).schema(),
        LogicalTypes.decimal(18, 2));
  }

  private GenericRecord row(String key) {
    return Objects.requireNonNull(rows().get(key), key);
  }

  /* The latest row of each key. */
  private Map<String, GenericRecord> rows() {
    Map<String, GenericRecord> rows = new LinkedHashMap<>();
    output.readKeyValuesToList().forEach(row -> rows.put(row.key, row.value));
    return rows;
  }

  private static Properties config() {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "analytics-topology-test");
    config.put(StreamsConfig.STATE_DIR_CONFIG, System.getProperty("java.io.tmpdir") + "/streams");
    return config;
  }

  private static Schema schema(String resource) {
    try (InputStream file = AnalyticsTopologyTest.class.getResourceAsStream(resource)) {
      return new Schema.Parser().parse(Objects.requireNonNull(file, resource));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Serde<GenericRecord> avro() {
    return Serdes.serdeFrom((topic, value) -> write(value), AnalyticsTopologyTest::read);
  }

  private static byte[] write(GenericRecord value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    try {
      new GenericDatumWriter<GenericRecord>(value.getSchema()).write(value, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static GenericRecord read(String topic, byte[] bytes) {
    Schema schema = topic.equals(AnalyticsTopology.INPUT) ? EVENT : ANALYTICS;
    try {
      return new GenericDatumReader<GenericRecord>(schema)
          .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
