/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a snapshot of every claim in a compacted topic, so that a reader need not replay a claim's
 * whole history: docs/how-to/snapshots.md.
 */
final class SnapshotTopology {
  static final String INPUT = AnalyticsTopology.INPUT;
  static final String OUTPUT = "claims.snapshots";

  /** The application's id, and so its consumer group in Kafka. */
  static final String APPLICATION = "claims-snapshots";

  static final String STORE = "claim-snapshots";

  private final Supplier<Serde<GenericRecord>> avro;
  private final ClaimSnapshots snapshots;

  /**
   * Creates the topology's definition.
   *
   * @param avro reads events and writes snapshots; a new serde each time, because a serde that has
   *     registered a schema for the store does not register it for the topic as well
   * @param schema {@code claim-snapshot}
   */
  SnapshotTopology(Supplier<Serde<GenericRecord>> avro, Schema schema) {
    this.avro = avro;
    this.snapshots = new ClaimSnapshots(schema);
  }

  /** Builds the topology, from {@value #INPUT} to {@value #OUTPUT}; its store is the read model. */
  Topology build() {
    Serde<GenericRecord> events = avro.get();
    StreamsBuilder builder = new StreamsBuilder();
    builder.stream(INPUT, Consumed.with(Serdes.String(), events))
        .groupByKey(Grouped.with(Serdes.String(), events))
        .aggregate(
            SnapshotTopology::none,
            (claim, event, snapshot) -> snapshots.after(event, snapshot),
            Materialized.<String, GenericRecord>as(Stores.persistentKeyValueStore(STORE))
                .withKeySerde(Serdes.String())
                .withValueSerde(avro.get()))
        .toStream()
        .to(OUTPUT, Produced.with(Serdes.String(), avro.get()));
    return builder.build();
  }

  @SuppressWarnings("NullAway") // Kafka's types do not declare the nulls they allow
  private static @Nullable GenericRecord none() {
    return null;
  }
}
