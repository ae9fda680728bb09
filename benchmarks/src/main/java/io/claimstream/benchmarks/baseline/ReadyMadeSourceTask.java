/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.baseline;

import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.apache.kafka.connect.source.TransactionContext;
import org.jspecify.annotations.Nullable;

/** Emits the same few thousand events repeatedly. */
public final class ReadyMadeSourceTask extends SourceTask {
  private static final Map<String, String> PARTITION = Map.of("source", "ready-made");
  private static final int DIFFERENT = 10_000;
  private static final long PAUSE_MILLIS = 100;

  /** Most records of a transaction whose end this task defines, as in Claimstream's source. */
  private static final int TRANSACTION = 6_000;

  private final List<Struct> events = new ArrayList<>(DIFFERENT);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private String topic = "";
  private long entries;
  private int batch;
  private long next;
  private long committed;

  @Override
  public void start(Map<String, String> properties) {
    topic = String.valueOf(properties.get(ReadyMadeSource.TOPIC));
    entries = Long.parseLong(String.valueOf(properties.get(ReadyMadeSource.ENTRIES)));
    batch = Integer.parseInt(String.valueOf(properties.get(ReadyMadeSource.BATCH)));
    events.addAll(ReadyMadeEvents.of(Math.min(DIFFERENT, entries)));
  }

  @Override
  public @Nullable List<SourceRecord> poll() throws InterruptedException {
    long end = Math.min(entries, next + batch);
    if (next == end) {
      stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      return null;
    }
    List<SourceRecord> records = new ArrayList<>(batch);
    for (; next < end; next++) {
      Struct event = events.get((int) (next % events.size()));
      records.add(
          new SourceRecord(
              PARTITION,
              Map.of("number", next),
              topic,
              null,
              Schema.STRING_SCHEMA,
              event.get("claim_id"),
              event.schema(),
              event,
              ((Date) event.get("timestamp")).getTime()));
    }
    TransactionContext transactions = context.transactionContext();
    if (transactions != null && (next - committed + batch > TRANSACTION || next == entries)) {
      committed = next;
      transactions.commitTransaction();
    }
    return records;
  }

  @Override
  public void stop() {
    stopped.countDown();
  }

  @Override
  public String version() {
    return "1";
  }
}
