/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchemas;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an entry becomes depends on its own fields only, not on the entries before it. */
class EntryShapesTest {
  private static final int ENTRIES = 5_000;
  private static final EventSchemas SCHEMAS = EventSchemas.load("classpath:schemas/claim-event");
  private static final List<String> NAMES =
      List.of(
          "type",
          "claim_id",
          "customer_id",
          "timestamp",
          "amount",
          "currency",
          "event_id",
          "incident",
          "stream_id",
          "attributes",
          "region",
          "région",
          "trace_id",
          "");
  private static final List<String> VALUES =
      List.of(
          "claim_submitted",
          "5000",
          "5000.50",
          "5000.505",
          "-0.5",
          "1e2",
          "2024-08-20T10:30:00Z",
          "2024-08-20 10:30:00.25+02:00",
          "1724149800250",
          "Zürich",
          "{\"date\":\"2024-08-19\",\"kind\":\"WATER\"}",
          "");

  private static final List<String> PAYLOADS =
      List.of(
          "{\"claim_id\":\"CLM-1\",\"amount\":12.50,\"timestamp\":1724149800,\"currency\":null}",
          "{\"claim_id\":\"CLM-1\",\"region\":\"north\",\"trace_id\":\"t\"}",
          "{\"amount\":\"much\"}");

  private final EventFields fields =
      new EventFields("claim_id", "timestamp", "type", "schema_version", "", Set.of("trace_id"));

  @ParameterizedTest
  @ValueSource(strings = {"", "payload"})
  void anEntryIsDecodedAsIfItWereTheFirstOfItsStream(String payload) {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("EntryShapesTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    EventFields named =
        new EventFields(
            "claim_id", "timestamp", "type", "schema_version", payload, Set.of("trace_id"));
    for (UnknownFields unknown : UnknownFields.values()) {
      EntryDecoder decoder = decoder(named, unknown);
      EntryDecoder generic = new GenericDecoder(named);
      List<String> names = List.of();
      int events = 0;

      for (int i = 0; i < ENTRIES; i++) {
        names = random.nextInt(3) == 0 ? names(random, payload) : names;
        StreamEntry entry = entry(names, random);

        // when
        String actual = read(decoder, entry);
        String untyped = read(generic, entry);

        // then
        assertThat(actual)
            .as("seed %d, entry %d", seed, i)
            .isEqualTo(read(decoder(named, unknown), entry));
        assertThat(untyped).isEqualTo(read(new GenericDecoder(named), entry));
        events += actual.startsWith("DecodedEvent") ? 1 : 0;
      }
      assertThat(events).isBetween(ENTRIES / 100, ENTRIES - 1);
    }
  }

  @Test
  void theOrderOfTheFieldsDoesNotChangeTheEvent() throws BadEntryException {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("EntryShapesTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    EntryDecoder decoder = decoder(fields, UnknownFields.ATTRIBUTES);
    List<String> pairs =
        new ArrayList<>(
            List.of(
                "type=t",
                "claim_id=c",
                "amount=1.5",
                "timestamp=2024-08-20T10:30:00Z",
                "région=Zürich",
                "note=",
                "schema_version=2",
                "event_id=e"));
    DecodedEvent expected = decoder.decode("s", ofPairs(pairs));

    for (int i = 0; i < 2_000; i++) { // more orders than shapes are kept
      // when
      Collections.shuffle(pairs, random);
      DecodedEvent event = decoder.decode("s", ofPairs(pairs));

      // then
      assertThat(event.value()).as("%s", pairs).isEqualTo(expected.value());
      assertThat(event.key()).isEqualTo("c");
      assertThat(event.type()).isEqualTo("t");
    }
  }

  @Test
  void aLongerNameIsAnotherField() throws BadEntryException {
    EntryDecoder decoder = decoder(fields, UnknownFields.ATTRIBUTES);

    decoder.decode("s", StreamEntry.of(EntryId.ZERO, "type", "t", "claim_id", "c", "ab", "c"));
    DecodedEvent event =
        decoder.decode("s", StreamEntry.of(EntryId.ZERO, "type", "t", "claim_id", "c", "a", "bc"));

    assertThat(event.value().getMap("attributes")).containsOnlyKeys("a");
  }

  private static EntryDecoder decoder(EventFields fields, UnknownFields unknown) {
    return new EventDecoder(SCHEMAS, fields, VersionPolicy.LATEST, unknown);
  }

  private static List<String> names(Random random, String payload) {
    List<String> names = new ArrayList<>(List.of("type", "claim_id"));
    if (random.nextBoolean()) {
      names.add("schema_version");
    }
    if (!payload.isEmpty()) {
      names.add(payload);
    }
    for (int i = random.nextInt(5); i > 0; i--) {
      String name = NAMES.get(random.nextInt(NAMES.size()));
      if (!names.contains(name) || random.nextInt(10) == 0) {
        names.add(name);
      }
    }
    if (random.nextInt(10) == 0) {
      names.remove(random.nextInt(names.size()));
    }
    Collections.shuffle(names, random);
    return names;
  }

  private static StreamEntry entry(List<String> names, Random random) {
    List<byte[]> fields = new ArrayList<>();
    for (String name : names) {
      fields.add(noise(name.getBytes(UTF_8), random));
      String value =
          switch (name) {
            case "schema_version" -> String.valueOf(1 + random.nextInt(3));
            case "payload" -> PAYLOADS.get(random.nextInt(PAYLOADS.size()));
            default -> VALUES.get(random.nextInt(VALUES.size()));
          };
      fields.add(noise(value.getBytes(UTF_8), random));
    }
    return new StreamEntry(new EntryId(random.nextInt(1_000), 1), fields);
  }

  private static byte[] noise(byte[] bytes, Random random) {
    if (bytes.length > 0 && random.nextInt(300) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private static StreamEntry ofPairs(List<String> pairs) {
    return StreamEntry.of(
        EntryId.ZERO,
        pairs.stream().flatMap(pair -> Stream.of(pair.split("=", 2))).toArray(String[]::new));
  }

  /** The event, or the reason why there is none. */
  private static String read(EntryDecoder decoder, StreamEntry entry) {
    try {
      return decoder.decode("s", entry).toString();
    } catch (BadEntryException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
