/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading directly into the latest version gives the same events as reading and then upgrading. */
class EventLayoutTest {
  private static final int ENTRIES = 50_000;
  private static final EventFields FIELDS =
      new EventFields("claim_id", "timestamp", "type", "schema_version");

  private static final List<String> NAMES =
      List.of(
          "type",
          "customer_id",
          "timestamp",
          "amount",
          "currency",
          "event_id",
          "policy_number",
          "status",
          "incident",
          "stream_id",
          "attributes",
          "gone",
          "added",
          "grown",
          "kept",
          "region");
  private static final List<String> VALUES =
      List.of(
          "claim_submitted",
          "5000",
          "5000.505",
          "2024-08-20T10:30:00Z",
          "{\"date\":\"2024-08-19\",\"kind\":\"WATER\"}",
          "9b2f7c1e-6f0a-4a57-9d6d-0e7f5a3c2b11",
          "OPEN",
          "open",
          "USD",
          "");

  @Test
  void claimEventsAreTheSame() {
    sameEvents(EventSchemas.load("classpath:schemas/claim-event"), true);
  }

  @Test
  void eventsThatLoseAndGainFieldsAreTheSame(@TempDir Path folder) throws IOException {
    sameEvents(
        versions(
            folder,
            """
            {"name":"gone","type":["null","string"],"default":null},
            {"name":"kept","type":"int","default":3},
            {"name":"attributes","type":{"type":"map","values":"string"}}
            """,
            """
            {"name":"added","type":"string","default":"new"},
            {"name":"kept","type":"int","default":4},
            {"name":"stream_id","type":"string","default":""}
            """),
        true);
  }

  @Test
  void eventsWhoseFieldsChangeTheirTypeAreTheSame(@TempDir Path folder) throws IOException {
    sameEvents(
        versions(
            folder,
            """
            {"name":"grown","type":"int","default":7},
            {"name":"attributes","type":{"type":"map","values":"string"},"default":{}}
            """,
            """
            {"name":"grown","type":"long","default":8},
            {"name":"attributes","type":{"type":"map","values":"string"},"default":{}}
            """),
        false);
  }

  private static EventSchemas versions(Path folder, String first, String second)
      throws IOException {
    String schema =
        "{\"type\":\"record\",\"name\":\"E\",\"namespace\":\"n\",\"fields\":["
            + "{\"name\":\"claim_id\",\"type\":\"string\"},%s]}";
    Files.writeString(folder.resolve("v1.avsc"), schema.formatted(first));
    Files.writeString(folder.resolve("v2.avsc"), schema.formatted(second));
    return EventSchemas.load(folder.toString());
  }

  private static void sameEvents(EventSchemas schemas, boolean atOnce) {
    // given
    long seed = Long.getLong("test.seed", System.nanoTime());
    System.out.println("EventLayoutTest: -Dtest.seed=" + seed);
    Random random = new Random(seed);
    assertThat(schemas.handsOver(schemas.all().get(0))).isEqualTo(atOnce);
    EventDecoder latest = decoder(schemas, VersionPolicy.LATEST);
    EventDecoder asWritten = decoder(schemas, VersionPolicy.AS_WRITTEN);
    int events = 0;

    for (int i = 0; i < ENTRIES; i++) {
      // when
      StreamEntry entry = entry(random);
      Object actual = read(latest, entry);
      Object expected = read(asWritten, entry);
      if (expected instanceof Struct event) {
        events++;
        int version = version(schemas, event);
        expected = schemas.upgrade(schemas.version(version).orElseThrow(), event);
      }

      // then
      assertThat(actual).as("seed %d, entry %d", seed, i).isEqualTo(expected);
    }
    assertThat(events).isBetween(ENTRIES / 10, ENTRIES - 1);
  }

  private static int version(EventSchemas schemas, Struct event) {
    return schemas.all().stream()
        .filter(schema -> schema.connect() == event.schema())
        .findFirst()
        .orElseThrow()
        .version();
  }

  private static EventDecoder decoder(EventSchemas schemas, VersionPolicy versions) {
    return new EventDecoder(schemas, FIELDS, versions, UnknownFields.ATTRIBUTES);
  }

  private static StreamEntry entry(Random random) {
    List<String> fields = new ArrayList<>(List.of("claim_id", "c", "type", "t"));
    if (random.nextBoolean()) {
      fields.addAll(List.of("schema_version", random.nextInt(8) == 0 ? "3" : "2"));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      fields.add(NAMES.get(random.nextInt(NAMES.size())));
      fields.add(VALUES.get(random.nextInt(VALUES.size())));
    }
    return StreamEntry.of(new EntryId(random.nextInt(1_000), 1), fields.toArray(String[]::new));
  }

  /** The event, or the reason why there is none. */
  private static Object read(EventDecoder decoder, StreamEntry entry) {
    try {
      return decoder.decode("s", entry).value();
    } catch (BadEntryException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
