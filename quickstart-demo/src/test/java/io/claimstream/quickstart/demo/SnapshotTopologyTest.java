/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTopologyTest {
  static final Schema V1 = schema("/schemas/claim-event/v1.avsc");
  static final Schema V2 = schema("/schemas/claim-event/v2.avsc");
  static final Schema SNAPSHOT = schema("/schemas/claim-snapshot/v1.avsc");
  private static final Conversions.DecimalConversion DECIMALS = new Conversions.DecimalConversion();

  private final Serde<GenericRecord> avro =
      Serdes.serdeFrom((topic, value) -> write(value), (topic, bytes) -> read(bytes));

  @TempDir private Path state;
  private TopologyTestDriver driver;
  private TestInputTopic<String, GenericRecord> input;
  private TestOutputTopic<String, GenericRecord> output;

  @BeforeEach
  void open() {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "snapshot-topology-test");
    config.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    driver = new TopologyTestDriver(new SnapshotTopology(() -> avro, SNAPSHOT).build(), config);
    input =
        driver.createInputTopic(SnapshotTopology.INPUT, new StringSerializer(), avro.serializer());
    output =
        driver.createOutputTopic(
            SnapshotTopology.OUTPUT, new StringDeserializer(), avro.deserializer());
  }

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void aClaimStandsWhereItsLastEventsHaveLeftIt() {
    pipe(event(V2, "9-0", "CLM-1", "claim_submitted", "100.00", "open"));
    pipe(event(V2, "10-0", "CLM-1", "document_uploaded", null, null));
    pipe(event(V2, "11-0", "CLM-1", "claim_approved", "80.00", "approved"));
    pipe(event(V2, "11-1", "CLM-2", "claim_submitted", "7.00", "open"));

    Map<String, GenericRecord> compacted = compacted();
    assertThat(compacted).containsOnlyKeys("CLM-1", "CLM-2");
    GenericRecord claim = Objects.requireNonNull(compacted.get("CLM-1"));
    assertThat(claim.get("claim_id")).hasToString("CLM-1");
    assertThat(claim.get("last_type")).hasToString("claim_approved");
    assertThat(claim.get("status")).hasToString("approved");
    assertThat(claim.get("events")).isEqualTo(3L);
    assertThat(claim.get("stream_id")).hasToString("11-0");
    assertThat(amount(claim)).isEqualTo(new BigDecimal("80.00"));
    assertThat(claim.get("currency")).hasToString("CHF");
    assertThat(claim.get("customer_id")).hasToString("CUST-1");
    assertThat(claim.get("updated_at")).isEqualTo(11L);
  }

  @Test
  void whatAnEventDoesNotContainStaysAsItWas() {
    pipe(event(V2, "1-0", "CLM-1", "claim_submitted", "100.00", "open"));
    pipe(event(V2, "2-0", "CLM-1", "document_uploaded", null, null));

    GenericRecord claim = Objects.requireNonNull(compacted().get("CLM-1"));
    assertThat(claim.get("last_type")).hasToString("document_uploaded");
    assertThat(claim.get("status")).hasToString("open");
    assertThat(amount(claim)).isEqualTo(new BigDecimal("100.00"));
  }

  @Test
  void eventsOfBothVersionsMakeOneClaim() {
    pipe(event(V1, "1-0", "CLM-1", "claim_submitted", "100.00", "open"));
    Map<String, GenericRecord> first = compacted();
    pipe(event(V2, "2-0", "CLM-1", "claim_paid", "90.00", "paid"));

    GenericRecord before = Objects.requireNonNull(first.get("CLM-1"));
    assertThat(before.get("status")).hasToString("open");
    assertThat(before.get("currency")).hasToString("EUR");
    GenericRecord after = Objects.requireNonNull(compacted().get("CLM-1"));
    assertThat(after.get("status")).hasToString("paid");
    assertThat(after.get("currency")).hasToString("CHF");
  }

  @Test
  void aReplayOfAnyPartLeavesEveryClaimWhereItStood() {
    // given
    List<GenericRecord> history = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      history.add(event(V2, i + 1 + "-0", "CLM-" + i % 3, "t" + i, i + ".00", "s" + i));
    }
    history.forEach(this::pipe);
    Map<String, GenericRecord> before = compacted();

    // when
    history.subList(25, 40).forEach(this::pipe);
    history.forEach(this::pipe);

    // then
    assertThat(compacted()).isEqualTo(before);
    assertThat(before.values()).extracting(claim -> (Long) claim.get("events")).contains(14L, 13L);
  }

  @Test
  void theStoreAnswersForOneClaimWithoutReadingAnyHistory() {
    pipe(event(V2, "1-0", "CLM-1", "claim_submitted", "100.00", "open"));

    GenericRecord claim =
        driver.<String, GenericRecord>getKeyValueStore(SnapshotTopology.STORE).get("CLM-1");
    assertThat(claim.get("status")).hasToString("open");
  }

  private void pipe(GenericRecord event) {
    input.pipeInput(event.get("claim_id").toString(), event);
  }

  /* What compaction leaves of all that was written since the last look. */
  private Map<String, GenericRecord> compacted() {
    Map<String, GenericRecord> latest = new LinkedHashMap<>();
    output.readKeyValuesToList().forEach(row -> latest.put(row.key, row.value));
    return latest;
  }

  static GenericRecord event(
      Schema version,
      String id,
      String claim,
      String type,
      @Nullable String amount,
      @Nullable String status) {
    GenericRecordBuilder event =
        new GenericRecordBuilder(version)
            .set("stream_id", id)
            .set("type", type)
            .set("claim_id", claim)
            .set("customer_id", "CUST-1")
            .set("timestamp", Long.parseLong(id.substring(0, id.indexOf('-'))))
            .set("amount", amount == null ? null : bytes(new BigDecimal(amount)));
    if (version.getField("status") != null) {
      event.set("currency", "CHF").set("status", status);
    } else {
      event.set("attributes", status == null ? Map.of() : Map.of("status", status));
    }
    return event.build();
  }

  private static ByteBuffer bytes(BigDecimal amount) {
    Schema decimal = V2.getField("amount").schema().getTypes().get(1);
    return DECIMALS.toBytes(amount, decimal, LogicalTypes.decimal(18, 2));
  }

  private static BigDecimal amount(GenericRecord snapshot) {
    Schema decimal = SNAPSHOT.getField("amount").schema().getTypes().get(1);
    return DECIMALS.fromBytes(
        (ByteBuffer) snapshot.get("amount"), decimal, LogicalTypes.decimal(18, 2));
  }

  private static Schema schema(String resource) {
    try (InputStream file = SnapshotTopologyTest.class.getResourceAsStream(resource)) {
      return new Schema.Parser().parse(Objects.requireNonNull(file, resource));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /* Avro's files carry their schema, as records with a registry's id do. */
  private static byte[] write(GenericRecord value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataFileWriter<GenericRecord> file =
        new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(value.getSchema()))) {
      file.create(value.getSchema(), bytes).append(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @SuppressWarnings("NullAway") // Kafka asks for null where a store has nothing
  private static GenericRecord read(byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    try (DataFileReader<GenericRecord> file =
        new DataFileReader<>(new SeekableByteArrayInput(bytes), new GenericDatumReader<>())) {
      return file.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
