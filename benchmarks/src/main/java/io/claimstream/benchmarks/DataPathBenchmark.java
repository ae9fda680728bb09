/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.schema.EventSchema;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.EntryFormat;
import io.claimstream.connect.sink.encode.NullValues;
import io.claimstream.connect.sink.encode.PackedWords;
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.DecodedEvent;
import io.claimstream.connect.source.decode.EventDecoder;
import io.claimstream.connect.source.decode.EventFields;
import io.claimstream.connect.source.decode.SizeLimit;
import io.claimstream.connect.source.decode.UnknownFields;
import io.claimstream.connect.source.decode.VersionPolicy;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.SourcePartition;
import io.claimstream.connect.source.record.EventRecord;
import io.claimstream.connect.source.record.RecordTime;
import io.claimstream.connect.source.record.SourceRecordFactory;
import io.claimstream.connect.source.record.TimestampCheck;
import io.claimstream.connect.source.record.TopicTemplate;
import java.math.BigDecimal;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.sink.SinkRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost of each step per entry: decoding it, creating a record, tracking its acknowledgement;
 * and encoding a record.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DataPathBenchmark {
  /** Entries per read. */
  static final int BATCH = 5_000;

  /** Entries that producers append in a millisecond while the connector has a backlog. */
  private static final int PER_MILLISECOND = 400;

  private static final String STREAM = "claims:events";

  /** Entries in turn, each with arrays of its own: a decoder must not gain from equal objects. */
  private static final int ENTRIES = 64;

  /** Entries without a version: they are read as version 1 and emitted as version 2. */
  private final StreamEntry[] first =
      entries(
          "type",
          "claim_submitted",
          "claim_id",
          "CLM-12345",
          "customer_id",
          "CUST-001",
          "timestamp",
          "2024-08-20T10:30:00Z",
          "amount",
          "5000.50",
          "region",
          "north",
          "channel",
          "web");

  private final StreamEntry[] second =
      entries(
          "schema_version",
          "2",
          "event_id",
          "9b2f7c1e-6f0a-4a57-9d6d-0e7f5a3c2b11",
          "type",
          "claim_submitted",
          "claim_id",
          "CLM-12345",
          "customer_id",
          "CUST-001",
          "timestamp",
          "2024-08-20T10:30:00.250Z",
          "amount",
          "5000.50",
          "currency",
          "USD",
          "status",
          "open",
          "region",
          "north");

  private final StreamEntry[] payloads =
      entries(
          "type",
          "claim_submitted",
          "payload",
          "{\"claim_id\":\"CLM-12345\",\"customer_id\":\"CUST-001\","
              + "\"timestamp\":\"2024-08-20T10:30:00Z\",\"amount\":5000.50,"
              + "\"region\":\"north\",\"channel\":\"web\"}");

  private final EventSchemas schemas = EventSchemas.load("classpath:schemas/claim-event");
  private final EventDecoder decoder =
      new EventDecoder(
          schemas,
          new EventFields("claim_id", "timestamp", "type", "schema_version"),
          VersionPolicy.LATEST,
          UnknownFields.ATTRIBUTES);
  private final EventDecoder payloadDecoder =
      new EventDecoder(
          schemas,
          new EventFields("claim_id", "timestamp", "type", "schema_version", "payload", Set.of()),
          VersionPolicy.LATEST,
          UnknownFields.ATTRIBUTES);
  private final SourceRecordFactory records =
      new SourceRecordFactory(
          decoder,
          TopicTemplate.parse("${stream}"),
          RecordTime.READ,
          new TimestampCheck("timestamp", null),
          SizeLimit.NONE,
          TaskClock.system());
  private final SourcePartition partition =
      new SourcePartition(new ConsumerGroup(STREAM, "claims-processors"), "claims-source-0");
  private final RecordEncoder encoder =
      new RecordEncoder(EntryFormat.ofMembers(NullValues.IGNORE, BytesFormat.BASE64));
  private final SinkRecord event = event();
  private final SinkRecord analytics = analytics();
  private final AckTracker tracker = new AckTracker(null);
  private long next = 1;
  private int turn;

  private static StreamEntry[] entries(String... fields) {
    return IntStream.range(0, ENTRIES)
        .mapToObj(
            i ->
                StreamEntry.of(
                    new EntryId(1_724_149_800_000L + i, i % 7),
                    Stream.of(fields)
                        .map(field -> field.replace("12345", String.valueOf(12_345 + i)))
                        .toArray(String[]::new)))
        .toArray(StreamEntry[]::new);
  }

  /** Returns the id of the entry with that number in a stream with many entries a millisecond. */
  private static EntryId id(long number) {
    return new EntryId(1_724_149_800_000L + number / PER_MILLISECOND, number % PER_MILLISECOND);
  }

  private StreamEntry next(StreamEntry[] entries) {
    turn = (turn + 1) % ENTRIES;
    return entries[turn];
  }

  private SinkRecord event() {
    try {
      Struct value = decoder.decode(STREAM, first[0]).value();
      return new SinkRecord("t", 0, null, null, value.schema(), value, 0);
    } catch (BadEntryException e) {
      throw new IllegalStateException(e);
    }
  }

  private static SinkRecord analytics() {
    EventSchema schema = EventSchemas.load("classpath:schemas/claim-analytics").latest();
    Struct value =
        new Struct(schema.connect())
            .put("type", "claim_submitted")
            .put("window_start", new Date(1_724_149_800_000L))
            .put("window_end", new Date(1_724_149_860_000L))
            .put("count", 3L)
            .put("amount_total", new BigDecimal("15000.50"))
            .put("amount_mean", new BigDecimal("5000.17"))
            .put("failures", 0L);
    return new SinkRecord("t", 0, null, null, value.schema(), value, 0);
  }

  /** Decodes an entry of version 1 to an event and upgrades it to version 2. */
  @Benchmark
  public DecodedEvent decodeVersion1() throws BadEntryException {
    return decoder.decode(STREAM, next(first));
  }

  /** Decodes an entry of version 2 to an event. */
  @Benchmark
  public DecodedEvent decodeVersion2() throws BadEntryException {
    return decoder.decode(STREAM, next(second));
  }

  /** Decodes entries that have other fields than the entry before. */
  @Benchmark
  public DecodedEvent decodeMixed() throws BadEntryException {
    StreamEntry entry = next(first);
    return decoder.decode(STREAM, turn % 2 == 0 ? entry : second[turn]);
  }

  /** Decodes an entry with a field that holds the event as JSON. */
  @Benchmark
  public DecodedEvent decodePayload() throws BadEntryException {
    return payloadDecoder.decode(STREAM, next(payloads));
  }

  /** Creates a source record, including decoding. */
  @Benchmark
  public EventRecord record() throws BadEntryException {
    return records.record(partition, next(first), tracker, Double.NaN);
  }

  /** Encodes a claim event as the fields of an entry. */
  @Benchmark
  public Optional<PackedWords> encodeEvent() {
    return encoder.encode(event);
  }

  /** Encodes an analytics row, with two times and two decimals, as the fields of an entry. */
  @Benchmark
  public Optional<PackedWords> encodeAnalytics() {
    return encoder.encode(analytics);
  }

  /** Emits, delivers and acknowledges one entry, {@value #BATCH} at a time. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public List<EntryId> track() {
    long begin = next;
    for (int i = 0; i < BATCH; i++) {
      tracker.emitted(id(next++));
    }
    for (long number = begin; number < next; number++) {
      tracker.delivered(id(number));
    }
    return tracker.take(Integer.MAX_VALUE);
  }
}
