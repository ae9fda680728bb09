/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks;

import static java.util.Objects.requireNonNull;

import io.claimstream.benchmarks.baseline.ReadyMadeEvents;
import io.claimstream.connect.converter.RegistryConverter;
import io.claimstream.connect.converter.apicurio.CachingSchemaResolver;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.storage.Converter;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The cost of a worker's converter per claim event: to Kafka ({@code write}) and from it ({@code
 * read}). The registry is a real one.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 4, time = 1)
public class ConverterBenchmark {
  /** System property: URL of the registry's root. */
  public static final String REGISTRY = "benchmark.registry";

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final String TOPIC = "benchmark.events";
  private static final String APICURIO = "io.apicurio.registry.utils.converter.AvroConverter";
  private static final String CONFLUENT =
      "org.apache.pulsar.kafka.shade.io.confluent.connect.avro.AvroConverter";

  /** A converter with its settings. */
  public enum Kind {
    /** Apicurio's converter alone, registering schemas by itself. */
    APICURIO_AUTO_REGISTER,
    /** Apicurio's converter alone, with the latest schema of the registry. */
    APICURIO_FIND_LATEST,
    /** Apicurio's converter as configured in the examples. */
    APICURIO_AS_SHIPPED,
    /** Confluent's converter alone. */
    CONFLUENT_ALONE,
    /** Confluent's converter as configured in the examples. */
    CONFLUENT_AS_SHIPPED,
    /** JSON without schemas. */
    JSON
  }

  /**
   * CPU time of the measuring thread. Other load on the machine makes an operation slower but does
   * not increase its CPU time.
   */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.EVENTS)
  public static class Cpu {
    /** Records converted. */
    public long records;

    private long begin;

    /** Starts the measurement. */
    @Setup(Level.Iteration)
    public void start() {
      records = 0;
      begin = THREADS.getCurrentThreadCpuTime();
    }

    /** Returns the nanoseconds since the start. */
    public long nanos() {
      return THREADS.getCurrentThreadCpuTime() - begin;
    }
  }

  /** The converter to measure. */
  @Param public Kind kind = Kind.JSON;

  private final List<Struct> events = ReadyMadeEvents.of(1_000);
  private Converter converter = new JsonConverter();
  private byte[][] records = new byte[0][];
  private int next;

  /** Creates the converter and its input. */
  @Setup(Level.Trial)
  public void start() {
    converter = converter(kind);
    records = new byte[events.size()][];
    for (int i = 0; i < records.length; i++) {
      Struct event = events.get(i);
      records[i] = requireNonNull(converter.fromConnectData(TOPIC, event.schema(), event));
    }
  }

  private static Converter converter(Kind kind) {
    String registry = System.getProperty(REGISTRY, "http://localhost:8080");
    Map<String, String> settings = new HashMap<>();
    settings.put("schemas.enable", "false");
    settings.put("schema.registry.url", registry + "/apis/ccompat/v7");
    settings.put("apicurio.registry.url", registry + "/apis/registry/v2");
    settings.put("apicurio.registry.headers.enabled", "false");
    settings.put("apicurio.registry.as-confluent", "true");
    settings.put("apicurio.registry.use-id", "contentId");
    settings.put(
        kind == Kind.APICURIO_FIND_LATEST
            ? "apicurio.registry.find-latest"
            : "apicurio.registry.auto-register",
        "true");
    Converter converter =
        switch (kind) {
          case JSON -> new JsonConverter();
          case APICURIO_AUTO_REGISTER, APICURIO_FIND_LATEST ->
              new io.apicurio.registry.utils.converter.AvroConverter<>();
          case CONFLUENT_ALONE ->
              new org.apache.pulsar.kafka.shade.io.confluent.connect.avro.AvroConverter();
          case APICURIO_AS_SHIPPED -> {
            settings.put("delegate", APICURIO);
            settings.put(
                "apicurio.registry.schema-resolver", CachingSchemaResolver.class.getName());
            yield new RegistryConverter();
          }
          case CONFLUENT_AS_SHIPPED -> {
            settings.put("delegate", CONFLUENT);
            yield new RegistryConverter();
          }
        };
    converter.configure(settings, false);
    return converter;
  }

  /** Closes the converter. */
  @TearDown(Level.Trial)
  public void end() throws IOException {
    converter.close();
  }

  private int next() {
    next = next + 1 == records.length ? 0 : next + 1;
    return next;
  }

  /** Converts one event to the bytes of a record. */
  @Benchmark
  public byte[] write(Cpu cpu) {
    cpu.records++;
    Struct event = events.get(next());
    return converter.fromConnectData(TOPIC, event.schema(), event);
  }

  /** Converts the bytes of a record to one event. */
  @Benchmark
  public SchemaAndValue read(Cpu cpu) {
    cpu.records++;
    return converter.toConnectData(TOPIC, records[next()]);
  }
}
