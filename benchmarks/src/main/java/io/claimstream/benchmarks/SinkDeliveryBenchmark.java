/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.stack.RedisServer;
import io.claimstream.stack.StackFiles;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Measures exactly-once against at-least-once delivery: the same records through the sink's task
 * into a real Redis on this machine, alternately.
 *
 * <p>Measures only the task: no worker, no Kafka, no converter, which cost the same for both and
 * make the ratio smaller in practice. Put a {@code redis-server} built for production on the PATH:
 * the one that the build collects has no jemalloc, and the script is several times slower there.
 */
public final class SinkDeliveryBenchmark {
  private static final int RECORDS = Integer.getInteger("records", 200_000);
  private static final int ROUNDS = Integer.getInteger("rounds", 11);
  private static final int WARMUP = 3;
  private static final int PARTITIONS = 3;

  private SinkDeliveryBenchmark() {}

  /** Starts a server, measures, prints a table for each batch size, and stops the server. */
  public static void main(String[] arguments) throws IOException {
    Path directory = Files.createTempDirectory("sink-delivery");
    try (RedisServer redis =
        RedisServer.start(StackFiles.locate(), directory, 0, "appendonly no", "save \"\"")) {
      System.out.println(SinkRun.server(redis.uri()));
      for (int batch : new int[] {500, 2_000}) {
        System.out.printf(
            "%n%,d records of claim-analytics, %d partitions, batches of %d%n%n",
            RECORDS, PARTITIONS, batch);
        List<List<SinkRecord>> batches = batches(batch);
        SinkRun exactlyOnce = new SinkRun(redis.uri(), "exactly-once", batches);
        SinkRun atLeastOnce = new SinkRun(redis.uri(), "at-least-once", batches);
        System.out.print(
            new Ratio("exactly-once", "at-least-once", RECORDS)
                .measure(exactlyOnce::nanos, atLeastOnce::nanos, WARMUP, ROUNDS)
                .table());
      }
    }
  }

  /** Returns the records in a worker's order: runs of each partition in turn. */
  private static List<List<SinkRecord>> batches(int size) {
    Schema schema = EventSchemas.load("classpath:schemas/claim-analytics").latest().connect();
    List<List<SinkRecord>> batches = new ArrayList<>();
    List<SinkRecord> batch = new ArrayList<>();
    int[] offsets = new int[PARTITIONS];
    for (int i = 0; i < RECORDS; i++) {
      int partition = batch.size() * PARTITIONS / size;
      batch.add(record(schema, partition, offsets[partition]++, i));
      if (batch.size() == size || i == RECORDS - 1) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
    }
    return batches;
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(Schema schema, int partition, long offset, int number) {
    long time = 1_724_149_800_000L + number;
    Struct value =
        new Struct(schema)
            .put("type", "claim_submitted")
            .put("window_start", new Date(time))
            .put("window_end", new Date(time + 60_000))
            .put("count", (long) number)
            .put("amount_total", new BigDecimal("15000.50"))
            .put("amount_mean", new BigDecimal("5000.17"))
            .put("failures", 0L);
    return new SinkRecord(
        "claims.analytics",
        partition,
        null,
        null,
        schema,
        value,
        offset,
        time,
        TimestampType.CREATE_TIME);
  }
}
