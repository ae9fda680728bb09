/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.NullValues;
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.source.ack.AckTracker;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.DecodedEvent;
import io.claimstream.connect.source.decode.EventDecoder;
import io.claimstream.connect.source.decode.EventFields;
import io.claimstream.connect.source.decode.UnknownFields;
import io.claimstream.connect.source.decode.VersionPolicy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.sink.SinkRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Decoding an entry, tracking its acknowledgement, and encoding a record, each on its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DataPathBenchmark {
  private static final int BATCH = 500;

  private final StreamEntry entry =
      StreamEntry.of(
          EntryId.parse("1724149800000-7"),
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
  private final EventDecoder decoder =
      new EventDecoder(
          EventSchemas.load("classpath:schemas/claim-event"),
          new EventFields("claim_id", "timestamp", "type", "schema_version"),
          VersionPolicy.LATEST,
          UnknownFields.ATTRIBUTES);
  private final RecordEncoder encoder =
      new RecordEncoder(NullValues.IGNORE, BytesFormat.BASE64, "");
  private final SinkRecord record = record();
  private final AckTracker tracker = new AckTracker(null);
  private long next = 1;

  private SinkRecord record() {
    try {
      DecodedEvent event = decoder.decode("claims:events", entry);
      return new SinkRecord("t", 0, null, null, event.valueSchema(), event.value(), 0);
    } catch (BadEntryException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One typed event of one entry. */
  @Benchmark
  public DecodedEvent decode() throws BadEntryException {
    return decoder.decode("claims:events", entry);
  }

  /** The fields of one entry of one record. */
  @Benchmark
  public Optional<List<byte[]>> encode() {
    return encoder.encode(record);
  }

  /** {@value #BATCH} entries emitted, delivered and handed out for acknowledgement. */
  @Benchmark
  public List<EntryId> track() {
    long first = next;
    for (int i = 0; i < BATCH; i++) {
      tracker.emitted(new EntryId(next++, 0));
    }
    for (long id = first; id < next; id++) {
      tracker.delivered(new EntryId(id, 0));
    }
    return tracker.take(Integer.MAX_VALUE);
  }
}
