/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.Stores;

/**
 * The analytics topology: totals of each claim event type in each tumbling window of event time,
 * emitted on every change.
 */
final class AnalyticsTopology {
  static final String INPUT = "claims.events";
  static final String OUTPUT = "claims.analytics";

  /* Nothing is ever too late: the checks expect every event to be counted. */
  private static final Duration GRACE = Duration.ofHours(24);
  private static final String STORE = "claim-figures";

  private final Serde<GenericRecord> avro;
  private final Schema schema;

  /**
   * Creates the topology's definition.
   *
   * @param avro reads events and writes analytics
   * @param schema {@code claim-analytics}
   */
  AnalyticsTopology(Serde<GenericRecord> avro, Schema schema) {
    this.avro = avro;
    this.schema = schema;
  }

  /** Builds the topology, from {@value #INPUT} to {@value #OUTPUT}. */
  Topology build() {
    StreamsBuilder builder = new StreamsBuilder();
    Consumed<String, GenericRecord> byEventTime =
        Consumed.with(Serdes.String(), avro).withTimestampExtractor(new EventTimeExtractor());
    builder.stream(INPUT, byEventTime)
        .map(
            (claim, event) ->
                KeyValue.pair(ClaimRecords.text(event, "type"), ClaimRecords.figures(event)))
        .groupByKey(Grouped.with("by-type", Serdes.String(), FiguresSerde.create()))
        .windowedBy(TimeWindows.ofSizeAndGrace(FigureKey.WINDOW, GRACE))
        .reduce(
            Figures::plus,
            Materialized.<String, Figures>as(
                    Stores.inMemoryWindowStore(
                        STORE, GRACE.plus(FigureKey.WINDOW), FigureKey.WINDOW, false))
                .withKeySerde(Serdes.String())
                .withValueSerde(FiguresSerde.create())
                .withCachingEnabled())
        .toStream()
        .map((window, figures) -> KeyValue.pair(key(window).toString(), row(window, figures)))
        .to(OUTPUT, Produced.with(Serdes.String(), avro));
    return builder.build();
  }

  private static FigureKey key(Windowed<String> window) {
    return new FigureKey(window.key(), Instant.ofEpochMilli(window.window().start()));
  }

  private GenericRecord row(Windowed<String> window, Figures figures) {
    return new GenericRecordBuilder(schema)
        .set("type", window.key())
        .set("window_start", window.window().start())
        .set("window_end", window.window().end())
        .set("count", figures.count())
        .set("amount_total", decimal("amount_total", figures.amountTotal()))
        .set("amount_mean", decimal("amount_mean", figures.amountMean()))
        .set("failures", figures.failures())
        .build();
  }

  private ByteBuffer decimal(String field, BigDecimal value) {
    Schema decimal = schema.getField(field).schema();
    return new Conversions.DecimalConversion()
        .toBytes(value, decimal, LogicalTypes.fromSchema(decimal));
  }
}
