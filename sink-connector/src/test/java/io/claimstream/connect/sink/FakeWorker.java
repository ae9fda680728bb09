/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Delivers records like a worker. */
final class FakeWorker {
  private static final int PARTITIONS = 20;

  private FakeWorker() {}

  /** Assigns the first partitions of topics. */
  static RunningSink assigned(RunningSink sink, String... topics) {
    for (String topic : topics) {
      sink.open(
          IntStream.range(0, PARTITIONS).mapToObj(i -> new TopicPartition(topic, i)).toList());
    }
    return sink;
  }

  /** Delivers a batch and, as there are no more records, calls put again for the outcome. */
  static void deliver(RunningSink sink, Collection<SinkRecord> batch) {
    sink.put(batch);
    comeBack(sink);
  }

  /** Does the same through outages, and runs an action after each. */
  static void deliver(RunningSink sink, Collection<SinkRecord> batch, Runnable afterOutage) {
    Collection<SinkRecord> next = batch;
    for (int attempt = 0; attempt < 1_000; attempt++) {
      try {
        sink.put(next);
        if (next.isEmpty()) {
          return;
        }
        next = List.of();
      } catch (RetriableException e) {
        afterOutage.run();
      }
    }
    throw new AssertionError("no attempt succeeded");
  }

  /** Calls put without records: there are none, or Connect holds them back. */
  static void comeBack(RunningSink sink) {
    sink.put(List.of());
  }
}
