/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import io.claimstream.connect.redis.retention.Retention;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.deliver.AtLeastOnce;
import io.claimstream.connect.sink.deliver.DeliveryStrategy;
import io.claimstream.connect.sink.deliver.ExactlyOnce;
import io.claimstream.connect.sink.deliver.RecordScript;
import io.claimstream.connect.sink.deliver.Rewinds;
import io.claimstream.connect.sink.deliver.SinkStreams;
import io.claimstream.connect.sink.deliver.WriteLimit;
import io.claimstream.connect.sink.encode.PackedWords;
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;
import java.util.List;
import org.apache.kafka.connect.errors.DataException;

/**
 * The sink that appends records to streams.
 *
 * @param config its settings
 */
record AppendingSink(RedisStreamSinkConfig config) implements RunningSink.Kind {
  /** Maximum fields and values of an entry: Lua passes at most 8000 values to one call. */
  private static final int LARGEST_ENTRY = 7_800;

  @Override
  public RecordEncoding encoding() {
    RecordEncoder encoder = new RecordEncoder(config.entryFormat());
    return switch (config.delivery()) {
      case EXACTLY_ONCE ->
          (stream, origin, record) ->
              encoder
                  .encode(record)
                  .map(fields -> StreamAppend.of(stream, packed(fields), origin, record));
      case AT_LEAST_ONCE ->
          (stream, origin, record) ->
              encoder
                  .encode(record)
                  .map(fields -> StreamAppend.of(stream, fields.toList(), origin, record));
    };
  }

  private static List<byte[]> packed(PackedWords fields) {
    if (fields.size() > LARGEST_ENTRY) {
      throw new DataException(
          "has "
              + fields.size() / 2
              + " fields; redis.delivery=exactly-once can write at most "
              + LARGEST_ENTRY / 2);
    }
    return List.of(fields.packed());
  }

  @Override
  public DeliveryStrategy delivery(
      StreamConnections connections, SinkMetrics metrics, Rewinds rewinds, TaskClock clock) {
    SinkStreams streams = config.streams();
    Retention retention =
        new Retention(config.maxLength(), config.retention(), config.trim(), clock);
    WriteLimit limit = WriteLimit.ofEntries(config.writeCount());
    return switch (config.delivery()) {
      case EXACTLY_ONCE ->
          new ExactlyOnce(
              RecordScript.APPEND,
              connections,
              streams,
              limit,
              retention,
              config.durability(),
              metrics,
              rewinds,
              clock);
      case AT_LEAST_ONCE -> new AtLeastOnce(connections, streams, limit, retention, metrics);
    };
  }
}
