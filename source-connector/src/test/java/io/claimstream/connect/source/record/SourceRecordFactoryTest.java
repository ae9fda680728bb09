/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.claimstream.connect.redis.fake.FakeClock;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.EntryDecoder;
import io.claimstream.connect.source.decode.EventFields;
import io.claimstream.connect.source.decode.GenericDecoder;
import io.claimstream.connect.source.decode.SizeLimit;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.SourcePartition;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceRecordFactoryTest {
  private static final Instant NOW = Instant.parse("2024-08-20T10:30:00Z");
  private static final SourcePartition PARTITION =
      new SourcePartition(new ConsumerGroup("claims:events", "g"), "c-0");

  private final FakeClock clock = new FakeClock(NOW);

  private SourceRecordFactory factory(RecordTime time, int maxBytes) {
    return new SourceRecordFactory(
        decoder(),
        TopicTemplate.parse("${stream}"),
        time,
        new TimestampCheck("timestamp", null),
        new SizeLimit(maxBytes, false),
        clock);
  }

  private static EntryDecoder decoder(String... headerFields) {
    return new GenericDecoder(
        new EventFields(
            "claim_id", "timestamp", "type", "schema_version", "", Set.of(headerFields)));
  }

  @ParameterizedTest
  @CsvSource({
    "2024-08-20T09:00:00Z, 1724149700000-0, 2024-08-20T09:00:00Z",
    "2024-08-20T11:00:00Z, 1724149700000-0, 2024-08-20T11:00:00Z",
    "2024-08-20T11:00:00.001Z, 1724149700000-0, 2024-08-20T10:28:20Z",
    "9999-12-31T23:59:59Z, 1724149700000-0, 2024-08-20T10:28:20Z",
    "1969-12-31T23:59:59Z, 1724149700000-0, 2024-08-20T10:28:20Z",
    "1989-12-31T23:59:59Z, 1724149700000-0, 2024-08-20T10:28:20Z",
    "1990-01-01T00:00:00Z, 1724149700000-0, 1990-01-01T00:00:00Z",
    "1724149500, 1724149700000-0, 2024-08-20T10:25:00Z",
    "9999-12-31T23:59:59Z, 18446744073709551615-0, 2024-08-20T10:30:00Z",
    "9999-12-31T23:59:59Z, 99999999999999-0, 2024-08-20T10:30:00Z",
  })
  void theTimestampIsTheEventsOrTheNextBestThatKafkaTakes(String event, String id, Instant expected)
      throws BadEntryException {
    StreamEntry entry = StreamEntry.of(EntryId.parse(id), "claim_id", "c", "timestamp", event);

    EventRecord record =
        factory(RecordTime.EVENT, 0).record(PARTITION, entry, new AckTracker(null), 0);

    assertThat(Instant.ofEpochMilli(record.timestamp())).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"2024-08-20T09:00:00Z, 1724149700000-0", "2019-08-20T09:00:00Z, 1000-0"})
  void theTimeOfTheReadIsOneThatATopicKeepsAndTheEventsIsKnown(String event, String id)
      throws BadEntryException {
    StreamEntry entry = StreamEntry.of(EntryId.parse(id), "claim_id", "c", "timestamp", event);

    EventRecord record =
        factory(RecordTime.READ, 0).record(PARTITION, entry, new AckTracker(null), 0);

    assertThat(Instant.ofEpochMilli(record.timestamp())).isEqualTo(NOW);
    assertThat(Instant.ofEpochMilli(record.eventMillis())).isEqualTo(event);
  }

  @Test
  void theTimeOfTheStreamIsTakenWhereItIsAskedFor() throws BadEntryException {
    StreamEntry entry =
        StreamEntry.of(
            EntryId.parse("1724149700000-0"), "claim_id", "c", "timestamp", "2024-08-20T09:00:00Z");

    EventRecord record =
        factory(RecordTime.STREAM_ID, 0).record(PARTITION, entry, new AckTracker(null), 0);

    assertThat(record.timestamp()).isEqualTo(1_724_149_700_000L);
  }

  @Test
  void anEntryWithMoreBytesThanAllowedIsABadOneThatNamesTheSettings() throws BadEntryException {
    StreamEntry entry = StreamEntry.of(EntryId.parse("1-0"), "claim_id", "12");
    SourceRecordFactory factory = factory(RecordTime.EVENT, 10);

    assertThat(factory.record(PARTITION, entry, new AckTracker(null), 0).key()).isEqualTo("12");
    assertThatExceptionOfType(BadEntryException.class)
        .isThrownBy(
            () ->
                factory.record(
                    PARTITION,
                    StreamEntry.of(EntryId.parse("1-1"), "claim_id", "123"),
                    new AckTracker(null),
                    0))
        .withMessageContainingAll("1-1", "claims:events", "event.max.bytes", "max.request.size");
  }

  @Test
  void anEntryWhoseTypeWouldChooseAnInternalTopicIsABadOneThatNamesTheSetting() {
    StreamEntry entry =
        StreamEntry.of(EntryId.parse("1-0"), "claim_id", "c", "type", "__consumer_offsets");
    SourceRecordFactory factory =
        new SourceRecordFactory(
            decoder(),
            TopicTemplate.parse("${type}"),
            RecordTime.EVENT,
            new TimestampCheck("timestamp", null),
            SizeLimit.NONE,
            clock);

    assertThatExceptionOfType(BadEntryException.class)
        .isThrownBy(() -> factory.record(PARTITION, entry, new AckTracker(null), 0))
        .withMessageContainingAll("1-0", "claims:events", "internal topic", "'topic'");
  }

  @Test
  void chosenFieldsBecomeHeadersAsText() throws BadEntryException {
    SourceRecordFactory factory =
        new SourceRecordFactory(
            decoder("trace_id", "absent", "amount"),
            TopicTemplate.parse("${stream}"),
            RecordTime.READ,
            new TimestampCheck("timestamp", null),
            new SizeLimit(0, false),
            clock);
    StreamEntry entry =
        StreamEntry.of(EntryId.ZERO.next(), "claim_id", "c", "amount", "007", "trace_id", "t-1");

    EventRecord record = factory.record(PARTITION, entry, new AckTracker(null), Double.NaN);

    assertThat(record.headers())
        .extracting(header -> header.key() + "=" + header.value())
        .containsExactly("amount=007", "trace_id=t-1");
  }

  @Test
  void aHeaderFieldThatIsNoTextMakesABadEntry() {
    SourceRecordFactory factory =
        new SourceRecordFactory(
            decoder("trace_id"),
            TopicTemplate.parse("${stream}"),
            RecordTime.READ,
            new TimestampCheck("timestamp", null),
            new SizeLimit(0, false),
            clock);
    StreamEntry entry =
        new StreamEntry(
            EntryId.ZERO.next(), List.of("trace_id".getBytes(UTF_8), new byte[] {(byte) 0xff}));

    assertThatExceptionOfType(BadEntryException.class)
        .isThrownBy(() -> factory.record(PARTITION, entry, new AckTracker(null), Double.NaN))
        .withMessageContaining("field 'trace_id' is not UTF-8 (event.header.fields)");
  }
}
