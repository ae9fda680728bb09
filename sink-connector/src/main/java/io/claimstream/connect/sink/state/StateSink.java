/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.redis.retention.Retention;
import io.claimstream.connect.redis.time.TaskClock;
import io.claimstream.connect.sink.RecordEncoding;
import io.claimstream.connect.sink.RunningSink;
import io.claimstream.connect.sink.deliver.DeliveryStrategy;
import io.claimstream.connect.sink.deliver.ExactlyOnce;
import io.claimstream.connect.sink.deliver.Rewinds;
import io.claimstream.connect.sink.deliver.WriteLimit;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.StreamConnections;

/**
 * The sink that writes the state of each key.
 *
 * @param config its settings
 */
record StateSink(StateSinkConfig config) implements RunningSink.Kind {

  @Override
  public RecordEncoding encoding() {
    return new StateEncoder(config.keys(), config.type(), config.ttl());
  }

  @Override
  public DeliveryStrategy delivery(
      StreamConnections connections, SinkMetrics metrics, Rewinds rewinds, TaskClock clock) {
    return new ExactlyOnce(
        new StateScript(),
        connections,
        config.streams(),
        WriteLimit.ofEntries(config.writeCount()),
        Retention.none(clock),
        config.durability(),
        metrics,
        rewinds,
        clock);
  }
}
