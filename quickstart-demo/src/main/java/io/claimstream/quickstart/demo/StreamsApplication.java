/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.LoggerFactory;

/** A running Kafka Streams topology with exactly-once processing. */
final class StreamsApplication implements AutoCloseable {

  /* Short: after Ctrl-C the broker may be gone already, and what is left is thrown away. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

  /* How many failures of a thread are made good by another, such as while the registry is away and
  a schema is not known yet; processing is exactly-once. */
  private static final int REPLACED = 90;
  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final KafkaStreams streams;

  private StreamsApplication(KafkaStreams streams) {
    this.streams = streams;
  }

  /**
   * Starts a topology.
   *
   * @param id the application's id, one for each topology
   * @param state the folder of Kafka Streams' files
   * @param onFailure receives the exception that ended the application, in one of its threads
   */
  static StreamsApplication start(
      String id,
      Topology topology,
      String bootstrapServers,
      Path state,
      Consumer<Exception> onFailure) {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, id);
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    config.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    KafkaStreams streams = new KafkaStreams(topology, config);
    AtomicInteger failed = new AtomicInteger();
    streams.setUncaughtExceptionHandler(
        failure -> {
          if (failed.incrementAndGet() <= REPLACED) {
            LoggerFactory.getLogger(StreamsApplication.class)
                .warn("{} continues with a new thread", id, failure);
            LockSupport.parkNanos(PAUSE_NANOS);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
          }
          onFailure.accept(new DemoException(id + " has failed: " + failure, failure));
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
    return new StreamsApplication(streams);
  }

  /** Returns the first version of a bundled schema. */
  static Schema schema(String subject) {
    String resource = "/schemas/" + subject + "/v1.avsc";
    try (InputStream file = StreamsApplication.class.getResourceAsStream(resource)) {
      if (file == null) {
        throw new DemoException(resource + " is not on the class path");
      }
      return new Schema.Parser().parse(file);
    } catch (IOException e) {
      throw new DemoException("cannot read " + resource, e);
    }
  }

  @Override
  public void close() {
    streams.close(STOP_TIMEOUT);
  }
}
