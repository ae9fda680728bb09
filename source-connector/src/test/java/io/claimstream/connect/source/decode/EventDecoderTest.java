/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchemas;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {
  private static final String STREAM = "claims:events";
  private static final EntryId ID = EntryId.parse("1724149800000-7");
  private static final EventFields FIELDS =
      new EventFields("claim_id", "timestamp", "type", "schema_version");

  private final EventDecoder decoder = decoder(UnknownFields.ATTRIBUTES);

  private static EventDecoder decoder(UnknownFields unknown) {
    return new EventDecoder(
        EventSchemas.load("classpath:schemas/claim-event"), FIELDS, VersionPolicy.LATEST, unknown);
  }

  private static EventDecoder ofSchemasIn(Path folder) {
    return new EventDecoder(
        EventSchemas.load(folder.toString()),
        new EventFields("id", "at", "kind", "v"),
        VersionPolicy.LATEST,
        UnknownFields.FAIL);
  }

  private static StreamEntry entry(String... fields) {
    return StreamEntry.of(ID, fields);
  }

  private DecodedEvent decode(String... fields) throws BadEntryException {
    return decoder.decode(STREAM, entry(fields));
  }

  @Test
  void theDocumentedEntryBecomesATypedEvent() throws BadEntryException {
    // when
    DecodedEvent event =
        decode(
            "type", "claim_submitted",
            "claim_id", "CLM-12345",
            "customer_id", "CUST-001",
            "timestamp", "2024-08-20T10:30:00Z",
            "amount", "5000",
            "region", "north",
            "channel", "web");

    // then
    Struct value = event.value();
    assertThat(value.schema().name()).isEqualTo("io.claimstream.events.ClaimEvent");
    assertThat(value.getString("stream_id")).isEqualTo("1724149800000-7");
    assertThat(value.getString("type")).isEqualTo("claim_submitted");
    assertThat(value.getString("customer_id")).isEqualTo("CUST-001");
    assertThat(value.get("timestamp")).isEqualTo(Date.from(Instant.parse("2024-08-20T10:30:00Z")));
    assertThat(value.get("amount")).isEqualTo(new BigDecimal("5000.00"));
    assertThat(value.getMap("attributes")).isEqualTo(Map.of("region", "north", "channel", "web"));
    assertThat(event.key()).isEqualTo("CLM-12345");
    assertThat(event.type()).isEqualTo("claim_submitted");
    assertThat(event.timestampMillis()).isEqualTo(1_724_149_800_000L);
  }

  @Test
  void absentOptionalFieldsAreNullAndNothingUnknownGivesAnEmptyMap() throws BadEntryException {
    Struct value = decode("type", "t", "claim_id", "c", "schema_version", "1").value();

    assertThat(value.get("customer_id")).isNull();
    assertThat(value.get("amount")).isNull();
    assertThat(value.get("timestamp")).isNull();
    assertThat(value.getMap("attributes")).isEqualTo(Map.of());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.00",
    "-12.5, -12.50",
    "+7.25, 7.25",
    "1e3, 1000.00",
    "100.000, 100.00",
    "9999999999999999.99, 9999999999999999.99",
  })
  void anAmountIsReadExactly(String text, BigDecimal amount) throws BadEntryException {
    assertThat(decode("type", "t", "claim_id", "c", "amount", text).value().get("amount"))
        .isEqualTo(amount);
  }

  @ParameterizedTest
  @CsvSource({
    "abc, is not a number",
    "'', is not a number",
    "'12,50', is not a number",
    "NaN, is not a number",
    "0x10, is not a number",
    "1.005, has more than 2 decimals",
    "99999999999999999.99, has more than 18 digits",
    "1e999999999, is not a number with a reasonable exponent",
    "1e-999999999, is not a number with a reasonable exponent",
  })
  void anAmountThatIsNoMoneyNamesStreamIdAndFieldButNotTheValue(String text, String reason) {
    // when
    Throwable bad = catchThrowable(() -> decode("type", "t", "claim_id", "c", "amount", text));

    // then
    assertThat(bad)
        .isInstanceOf(BadEntryException.class)
        .hasMessage("entry 1724149800000-7 of stream 'claims:events': field 'amount' " + reason);
  }

  @ParameterizedTest
  @CsvSource({
    "2024-08-20T10:30:00Z, 1724149800000",
    "2024-08-20T12:30:00+02:00, 1724149800000",
    "2024-08-20T10:30:00.250Z, 1724149800250",
    "2024-08-20T10:30:00.250999Z, 1724149800250",
    "1724149800250, 1724149800250",
    "1969-12-31T23:59:59Z, -1000",
  })
  void aTimestampIsIsoWithAnOffsetOrMilliseconds(String text, long millis)
      throws BadEntryException {
    DecodedEvent event = decode("type", "t", "claim_id", "c", "timestamp", text);

    assertThat(event.timestampMillis()).isEqualTo(millis);
    assertThat(event.value().get("timestamp")).isEqualTo(new Date(millis));
  }

  @ParameterizedTest
  @CsvSource({"2024-08-20T10:30:00", "yesterday", "2024-08-20", "''"})
  void aTimestampThatCouldMeanSeveralInstantsIsRefused(String text) {
    assertThatThrownBy(() -> decode("type", "t", "claim_id", "c", "timestamp", text))
        .isInstanceOf(BadEntryException.class)
        .hasMessageContaining("field 'timestamp' is not a time");
  }

  @Test
  void anEntryWithoutOrWithAnEmptyKeyIsRefused() {
    assertThatThrownBy(() -> decode("type", "t"))
        .isInstanceOf(BadEntryException.class)
        .hasMessageContaining("1724149800000-7")
        .hasMessageContaining("claims:events")
        .hasMessageContaining("field 'claim_id' is missing");
    assertThatThrownBy(() -> decode("type", "t", "claim_id", ""))
        .hasMessageContaining("field 'claim_id' is missing");
  }

  @Test
  void aMissingRequiredFieldIsRefused() {
    assertThatThrownBy(() -> decode("claim_id", "c"))
        .hasMessageContaining("field 'type' is missing");
  }

  @Test
  void anUnknownVersionIsRefusedAndTheLatestNamed() {
    assertThatThrownBy(() -> decode("type", "t", "claim_id", "c", "schema_version", "9"))
        .hasMessageContaining("'schema_version' names version 9")
        .hasMessageContaining("latest there is 2");
    assertThatThrownBy(() -> decode("type", "t", "claim_id", "c", "schema_version", "one"))
        .hasMessageContaining("'schema_version' is not a version");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "+1", " 1", "1.0", "\u0662", "99999999999"})
  void aVersionThatIsNoNumberIsNeverGuessed(String version) {
    assertThatThrownBy(() -> decode("type", "t", "claim_id", "c", "schema_version", version))
        .isInstanceOf(BadEntryException.class)
        .hasMessageEndingWith("'schema_version' is not a version: expected a number such as 1");
  }

  @Test
  void anEmptyOptionalFieldIsEmptyTextAndNoNumber() throws BadEntryException {
    assertThat(decode("type", "t", "claim_id", "c", "customer_id", "").value().get("customer_id"))
        .isEqualTo("");
    assertThatThrownBy(() -> decode("type", "t", "claim_id", "c", "amount", ""))
        .hasMessageContaining("field 'amount' is not a number");
  }

  @Test
  void aFieldThatOccursTwiceIsRefused() {
    assertThatThrownBy(() -> decode("type", "t", "claim_id", "c", "claim_id", "d"))
        .hasMessageContaining("field 'claim_id' occurs twice");
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() {
    // given
    List<byte[]> fields = new ArrayList<>(entry("type", "t", "claim_id", "c").fields());
    fields.add("note".getBytes(StandardCharsets.UTF_8));
    fields.add(new byte[] {(byte) 0xff});

    // when, then
    assertThatThrownBy(() -> decoder.decode(STREAM, new StreamEntry(ID, fields)))
        .hasMessageContaining("field 'note' is not UTF-8");
  }

  @Test
  void theReplacementCharacterItselfIsText() throws BadEntryException {
    assertThat(decode("type", "t", "claim_id", "\uFFFD").key()).isEqualTo("\uFFFD");
  }

  @Test
  void fieldsNamedLikeOurOwnGoIntoTheAttributes() throws BadEntryException {
    Struct value =
        decode("type", "t", "claim_id", "c", "stream_id", "mine", "attributes", "too").value();

    assertThat(value.getString("stream_id")).isEqualTo(ID.toString());
    assertThat(value.getMap("attributes"))
        .isEqualTo(Map.of("stream_id", "mine", "attributes", "too"));
  }

  @Test
  void fieldsNamedLikeOurOwnButOfAnotherTypeAreTheEntrysOwn(@TempDir Path folder)
      throws IOException, BadEntryException {
    // given
    Files.writeString(
        folder.resolve("v1.avsc"),
        """
        {"type": "record", "name": "Own", "fields": [
          {"name": "id", "type": "string"},
          {"name": "stream_id", "type": "int"},
          {"name": "attributes", "type": {"type": "array", "items": "string"}}]}
        """);
    EventDecoder own = ofSchemasIn(folder);

    // when
    Struct value =
        own.decode(
                "s", entry("id", "1", "v", "1", "stream_id", "7", "attributes", "[\"a\", \"b\"]"))
            .value();

    // then
    assertThat(value.get("stream_id")).isEqualTo(7);
    assertThat(value.getArray("attributes")).isEqualTo(List.of("a", "b"));
  }

  @Test
  void unknownFieldsAreLeftOutOrRefusedAsConfigured() throws BadEntryException {
    StreamEntry entry = entry("type", "t", "claim_id", "c", "region", "north");

    Struct value = decoder(UnknownFields.IGNORE).decode(STREAM, entry).value();
    assertThat(value.getMap("attributes")).isEqualTo(Map.of());
    assertThatThrownBy(() -> decoder(UnknownFields.FAIL).decode(STREAM, entry))
        .hasMessageContaining("field 'region' is not in the event's schema");
  }

  @Test
  void aFieldThatTheConnectorFillsIsRefusedForThatReason() {
    StreamEntry entry = entry("type", "t", "claim_id", "c", "stream_id", "mine");

    assertThatThrownBy(() -> decoder(UnknownFields.FAIL).decode(STREAM, entry))
        .hasMessageContaining("field 'stream_id' is set by the connector")
        .hasMessageContaining("unknown.fields=fail");
  }

  @Test
  void olderEventsLeaveUnderTheLatestVersionOrTheirOwn(@TempDir Path folder)
      throws IOException, BadEntryException {
    // given
    String v1 =
        """
        {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}
        """;
    Files.writeString(folder.resolve("v1.avsc"), v1);
    Files.writeString(
        folder.resolve("v2.avsc"),
        v1.replace(
            "}]}", "}, {\"name\": \"state\", \"type\": \"string\", \"default\": \"OPEN\"}]}"));
    EventSchemas schemas = EventSchemas.load(folder.toString());
    EventFields fields = new EventFields("id", "at", "kind", "v");
    StreamEntry old = entry("id", "o-1");

    // when
    Struct upgraded =
        new EventDecoder(schemas, fields, VersionPolicy.LATEST, UnknownFields.FAIL)
            .decode("orders", old)
            .value();
    Struct asWritten =
        new EventDecoder(schemas, fields, VersionPolicy.AS_WRITTEN, UnknownFields.FAIL)
            .decode("orders", old)
            .value();

    // then
    assertThat(upgraded.schema().version()).isEqualTo(2);
    assertThat(upgraded.getString("state")).isEqualTo("OPEN");
    assertThat(asWritten.schema().version()).isEqualTo(1);
    assertThat(asWritten.schema().field("state")).isNull();
  }

  @Test
  void everyTypeOfAUsersOwnSchemaIsRead(@TempDir Path folder)
      throws IOException, BadEntryException {
    // given
    Files.writeString(
        folder.resolve("v1.avsc"),
        """
        {"type": "record", "name": "All", "fields": [
          {"name": "id", "type": "string"},
          {"name": "i", "type": "int"}, {"name": "l", "type": "long"},
          {"name": "f", "type": "float"}, {"name": "d", "type": "double"},
          {"name": "b", "type": "boolean"}, {"name": "raw", "type": "bytes"},
          {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
          {"name": "day", "type": {"type": "int", "logicalType": "date"}},
          {"name": "tod", "type": {"type": "int", "logicalType": "time-millis"}},
          {"name": "tags", "type": {"type": "array", "items": "int"}},
          {"name": "m", "type": {"type": "map", "values": "double"}},
          {"name": "r", "type": {"type": "record", "name": "R", "fields": [
            {"name": "x", "type": "string"},
            {"name": "y", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 1}], "default": null}]}}
        ]}
        """);
    EventDecoder all = ofSchemasIn(folder);

    // when
    Struct value =
        all.decode(
                "s",
                entry(
                    "id",
                    "1",
                    "i",
                    "-5",
                    "l",
                    "9000000000",
                    "f",
                    "1.5",
                    "d",
                    "2.25",
                    "b",
                    "true",
                    "raw",
                    "\u0001",
                    "e",
                    "B",
                    "day",
                    "2024-08-20",
                    "tod",
                    "10:30",
                    "tags",
                    "[1,2]",
                    "m",
                    "{\"a\":0.5}",
                    "r",
                    "{\"x\":\"z\",\"y\":7.5}"))
            .value();

    // then
    assertThat(value.get("i")).isEqualTo(-5);
    assertThat(value.get("l")).isEqualTo(9_000_000_000L);
    assertThat(value.get("f")).isEqualTo(1.5f);
    assertThat(value.get("d")).isEqualTo(2.25d);
    assertThat(value.get("b")).isEqualTo(true);
    assertThat(value.getBytes("raw")).isEqualTo(new byte[] {1});
    assertThat(value.get("e")).isEqualTo("B");
    assertThat(value.get("day")).isEqualTo(Date.from(Instant.parse("2024-08-20T00:00:00Z")));
    assertThat(value.get("tod")).isEqualTo(new Date(37_800_000));
    assertThat(value.getArray("tags")).isEqualTo(List.of(1, 2));
    assertThat(value.getMap("m")).isEqualTo(Map.of("a", 0.5d));
    assertThat(value.getStruct("r").get("x")).isEqualTo("z");
    assertThat(value.getStruct("r").get("y")).isEqualTo(new BigDecimal("7.5"));
    assertThatThrownBy(() -> all.decode("s", entry("id", "1", "i", "3000000000")))
        .hasMessageContaining("field 'i' is out of the range of type int32");
  }

  private static EventDecoder ofPayloads(UnknownFields unknown) {
    return new EventDecoder(
        EventSchemas.load("classpath:schemas/claim-event"),
        new EventFields(
            "claim_id", "timestamp", "type", "schema_version", "payload", Set.of("trace_id")),
        VersionPolicy.LATEST,
        unknown);
  }

  private static DecodedEvent decodePayload(String... fields) throws BadEntryException {
    return ofPayloads(UnknownFields.ATTRIBUTES).decode(STREAM, entry(fields));
  }

  @Test
  void aPayloadIsTheEventAndOtherFieldsFillWhatItLacks() throws BadEntryException {
    DecodedEvent event =
        decodePayload(
            "type", "claim_paid",
            "payload",
                """
                {"claim_id": "CLM-1", "amount": 12.50, "timestamp": "2024-08-20T10:30:00Z",
                 "customer_id": null, "tags": ["a", 1], "region": "north"}
                """,
            "channel", "web",
            "trace_id", "t-1");

    Struct value = event.value();
    assertThat(event.key()).isEqualTo("CLM-1");
    assertThat(event.type()).isEqualTo("claim_paid");
    assertThat(value.get("amount")).isEqualTo(new BigDecimal("12.50"));
    assertThat(value.get("timestamp")).isEqualTo(Date.from(Instant.parse("2024-08-20T10:30:00Z")));
    assertThat(value.get("customer_id")).isNull();
    assertThat(value.getMap("attributes"))
        .isEqualTo(Map.of("channel", "web", "tags", "[\"a\",1]", "region", "north"));
  }

  @Test
  void aMemberOfThePayloadHidesTheFieldOfItsName() throws BadEntryException {
    DecodedEvent event =
        decodePayload("claim_id", "CLM-1", "type", "a", "payload", "{\"claim_id\": \"CLM-2\"}");

    assertThat(event.key()).isEqualTo("CLM-2");
    assertThat(event.value().getString("claim_id")).isEqualTo("CLM-2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1] | field 'payload' is not a JSON object",
        "CLM-1 | field 'payload' is not valid JSON",
        "{\"claim_id\": \"C\", \"amount\": \"much\"} | field 'payload.amount' is not",
        "{\"claim_id\": \"C\", \"customer_id\": 5} | field 'payload.customer_id' is not a JSON string",
        "{\"claim_id\": \"C\", \"claim_id\": \"D\"} | field 'payload' is not valid JSON",
      })
  void aBadPayloadNamesTheMemberAndNotItsValue(String payload, String reason) {
    assertThatThrownBy(() -> decodePayload("type", "a", "payload", payload))
        .isInstanceOf(BadEntryException.class)
        .hasMessageContaining("1724149800000-7")
        .hasMessageContaining(reason)
        .hasMessageNotContaining("much");
  }

  @Test
  void anEntryWithoutThePayloadIsRefused() {
    assertThatThrownBy(() -> decodePayload("claim_id", "CLM-1", "type", "a"))
        .hasMessageContaining("field 'payload' is missing; event.payload.field names it");
  }

  @Test
  void aHeaderFieldIsNotUnknownButAMemberOfItsNameIs() throws BadEntryException {
    EventDecoder strict = ofPayloads(UnknownFields.FAIL);
    String[] good = {"type", "a", "trace_id", "t", "payload", "{\"claim_id\": \"C\"}"};
    String[] bad = {"type", "a", "payload", "{\"claim_id\": \"C\", \"trace_id\": \"t\"}"};

    assertThat(strict.decode(STREAM, entry(good)).key()).isEqualTo("C");
    assertThatThrownBy(() -> strict.decode(STREAM, entry(bad)))
        .hasMessageContaining("field 'payload.trace_id' is not in the event's schema");
  }

  @Test
  void genericEntriesKeepTheirFieldsAsTheyAre() throws BadEntryException {
    // when
    DecodedEvent event =
        new GenericDecoder(FIELDS)
            .decode("orders", entry("claim_id", "c", "timestamp", "soon", "n", "1"));

    // then
    assertThat(event.value().getString("id")).isEqualTo(ID.toString());
    assertThat(event.value().getString("stream")).isEqualTo("orders");
    assertThat(event.value().getMap("fields"))
        .isEqualTo(Map.of("claim_id", "c", "timestamp", "soon", "n", "1"));
    assertThat(event.key()).isEqualTo("c");
    assertThat(event.timestampMillis()).isNull();
  }

  @Test
  void genericEntriesKeepWhatIsNoTextAsBytes() throws BadEntryException {
    // given
    byte[] binary = {(byte) 0xff, 0, 1};
    List<byte[]> fields = new ArrayList<>(entry("claim_id", "c").fields());
    fields.add("photo".getBytes(StandardCharsets.UTF_8));
    fields.add(binary);

    // when
    Struct value = new GenericDecoder(FIELDS).decode("orders", new StreamEntry(ID, fields)).value();

    // then
    assertThat(value.getMap("fields")).isEqualTo(Map.of("claim_id", "c"));
    assertThat(value.<String, byte[]>getMap("binary_fields")).containsOnlyKeys("photo");
    assertThat(value.<String, byte[]>getMap("binary_fields").get("photo")).isEqualTo(binary);
  }

  @Test
  void aKeyThatIsNoTextIsRefused() {
    List<byte[]> fields =
        List.of("claim_id".getBytes(StandardCharsets.UTF_8), new byte[] {(byte) 0xff});

    assertThatThrownBy(
            () -> new GenericDecoder(FIELDS).decode("orders", new StreamEntry(ID, fields)))
        .hasMessageContaining("field 'claim_id' is not UTF-8; it provides the record's key");
  }
}
