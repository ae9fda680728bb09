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
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamConnections;

/**
 * The sink that appends records to streams.
 *
 * @param config its settings
 */
record AppendingSink(RedisStreamSinkConfig config) implements RunningSink.Kind {

  @Override
  public RecordEncoding encoding() {
    RecordEncoder encoder = new RecordEncoder(config.entryFormat());
    return (stream, origin, record) ->
        encoder.encode(record).map(fields -> StreamAppend.of(stream, fields, origin, record));
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
              RecordScript.APPEND, connections, streams, limit, retention, metrics, rewinds, clock);
      case AT_LEAST_ONCE -> new AtLeastOnce(connections, streams, limit, retention, metrics);
    };
  }
}
