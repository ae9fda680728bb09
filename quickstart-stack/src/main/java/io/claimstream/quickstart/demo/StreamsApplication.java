/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/** The running analytics: Kafka Streams with exactly-once processing. */
final class AnalyticsStreams implements AutoCloseable {
  private static final String SCHEMA = "/schemas/claim-analytics/v1.avsc";

  /* Short: after Ctrl-C the broker may be gone already, and what is left is thrown away. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

  private final KafkaStreams streams;

  private AnalyticsStreams(KafkaStreams streams) {
    this.streams = streams;
  }

  /**
   * Starts the analytics.
   *
   * @param state where Kafka Streams keeps its files
   * @param onFailure is told what ended the analytics, in one of their threads
   */
  static AnalyticsStreams start(
      String bootstrapServers,
      Serde<GenericRecord> avro,
      Path state,
      Consumer<Exception> onFailure) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, "claims-quickstart");
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    KafkaStreams streams = new KafkaStreams(new AnalyticsTopology(avro, schema()).build(), config);
    streams.setUncaughtExceptionHandler(
        failure -> {
          onFailure.accept(new DemoException("the analytics have failed: " + failure, failure));
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
    return new AnalyticsStreams(streams);
  }

  static Schema schema() {
    try (InputStream file = AnalyticsStreams.class.getResourceAsStream(SCHEMA)) {
      if (file == null) {
        throw new DemoException(SCHEMA + " is not on the class path");
      }
      return new Schema.Parser().parse(file);
    } catch (IOException e) {
      throw new DemoException("cannot read " + SCHEMA, e);
    }
  }

  @Override
  public void close() {
    streams.close(STOP_TIMEOUT);
  }
}
