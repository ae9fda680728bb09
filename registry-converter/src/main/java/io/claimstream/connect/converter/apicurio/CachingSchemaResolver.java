/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter.apicurio;

import io.apicurio.registry.resolver.DefaultSchemaResolver;
import io.apicurio.registry.resolver.SchemaLookupResult;
import io.apicurio.registry.resolver.SchemaParser;
import io.apicurio.registry.resolver.data.Record;
import io.apicurio.registry.resolver.strategy.ArtifactReference;
import io.apicurio.registry.serde.data.KafkaSerdeMetadata;
import io.claimstream.connect.converter.RegistryOutage;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericContainer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Apicurio's schema resolver with a cache, set by {@code apicurio.registry.schema-resolver}. With
 * {@code auto-register=true} Apicurio's own resolver renders the schema as text for every record,
 * only to look that text up; this one recognizes a schema object by its identity. After {@code
 * apicurio.registry.check-period-ms} it registers the schema again in the background, so that a
 * registry that has lost the schema gets it back. While the registry is unavailable, it uses the
 * cached schemas. The schema of an id never changes, so it is looked up once.
 *
 * <p>Every request ends after {@code registry.timeout.ms}: Apicurio's client waits forever. Safe
 * for use by several threads.
 *
 * @param <T> the type to serialize
 */
public final class CachingSchemaResolver<T> extends DefaultSchemaResolver<Schema, T> {
  /** Maximum time of a request to the registry, in milliseconds. */
  static final String TIMEOUT = "registry.timeout.ms";

  private static final Logger LOG = LoggerFactory.getLogger(CachingSchemaResolver.class);
  private static final long DEFAULT_TIMEOUT_MILLIS = 10_000;

  /** Maximum number of cached schemas and of cached ids; beyond it, the cache is cleared. */
  private static final int CAPACITY = 1_000;

  private final Map<Written, Known> written = new ConcurrentHashMap<>();
  private final Map<Id, SchemaLookupResult<Schema>> read = new ConcurrentHashMap<>();
  private final ThreadPoolExecutor requests =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          CachingSchemaResolver::thread);
  private long periodNanos;
  private long timeoutMillis = DEFAULT_TIMEOUT_MILLIS;
  private boolean remembersWritten;

  /** The constructor that Apicurio's converter calls. */
  public CachingSchemaResolver() {}

  private static Thread thread(Runnable request) {
    Thread thread = new Thread(request, "schema-registry-request");
    thread.setDaemon(true);
    thread.setContextClassLoader(CachingSchemaResolver.class.getClassLoader());
    return thread;
  }

  @Override
  public void configure(Map<String, ?> configs, SchemaParser<Schema, T> schemaParser) {
    super.configure(configs, schemaParser);
    periodNanos = config.getCheckPeriod().toNanos();
    Object timeout = configs.get(TIMEOUT);
    if (timeout != null) {
      timeoutMillis = Long.parseLong(timeout.toString());
    }
    // a strategy of the user's own may look at more of a record than topic and schema
    remembersWritten =
        periodNanos > 0
            && artifactResolverStrategy
                .getClass()
                .getName()
                .startsWith("io.apicurio.registry.serde.");
  }

  @Override
  public SchemaLookupResult<Schema> resolveSchema(Record<T> data) {
    if (remembersWritten
        && data.payload() instanceof GenericContainer container
        && data.metadata() instanceof KafkaSerdeMetadata metadata) {
      Written key = new Written(container.getSchema(), metadata.getTopic());
      Known known = written.get(key);
      if (known == null) {
        known = new Known(ask(() -> super.resolveSchema(data)), System.nanoTime() + periodNanos);
        put(written, key, known);
      } else if (System.nanoTime() - known.checkAt >= 0) {
        check(key, known, data);
      }
      return known.result;
    }
    return ask(() -> super.resolveSchema(data));
  }

  @Override
  public SchemaLookupResult<Schema> resolveSchemaByArtifactReference(
      @Nullable ArtifactReference reference) {
    if (reference == null) {
      // the super class says "artifact reference cannot be null", from which no reader of
      // a dead letter learns what is wrong with the record
      throw new SerializationException(
          "the record names no schema: its bytes do not begin with the magic byte 0, as Avro of a"
              + " schema registry does, and no header has an id");
    }
    Id id = Id.of(reference);
    SchemaLookupResult<Schema> known = id == null ? null : read.get(id);
    if (known == null) {
      known = ask(() -> super.resolveSchemaByArtifactReference(reference));
      if (id != null) {
        put(read, id, known);
      }
    }
    return known;
  }

  private static <K, V> void put(Map<K, V> map, K key, V value) {
    if (map.size() >= CAPACITY) {
      map.clear();
    }
    map.put(key, value);
  }

  /** Checks a schema again in the background, unless another thread has just done so. */
  private synchronized void check(Written key, Known known, Record<T> data) {
    if (System.nanoTime() - known.checkAt < 0) {
      return;
    }
    if (known.check != null) {
      known.check.cancel(true); // it has taken a whole period
    }
    known.checkAt = System.nanoTime() + periodNanos;
    known.check = requests.submit(() -> register(key, known, data));
  }

  private void register(Written key, Known known, Record<T> data) {
    try {
      SchemaLookupResult<Schema> now = super.resolveSchema(data);
      if (now.getContentId() != known.result.getContentId()) {
        LOG.warn(
            "Schema registry has schema {} of topic '{}' under the id {} now, it was {}: it has"
                + " forgotten the former one, and records written with it cannot be read",
            key.schema.getFullName(),
            key.topic,
            now.getContentId(),
            known.result.getContentId());
      } else if (known.inDoubt) {
        LOG.info("Schema registry is back: schema {} is unchanged", key.schema.getFullName());
      }
      known.inDoubt = false;
      known.result = now;
    } catch (RuntimeException e) {
      Optional<String> outage = RegistryOutage.in(e);
      if (outage.isEmpty()) {
        written.remove(key); // it refuses the schema: the next record asks and gets the error
      } else if (!known.inDoubt) {
        known.inDoubt = true;
        LOG.warn(
            "Schema registry is unavailable ({}); going on with the schemas it gave before",
            outage.get());
      }
    }
  }

  /** Runs a request on a thread that can be abandoned. */
  private SchemaLookupResult<Schema> ask(Supplier<SchemaLookupResult<Schema>> request) {
    Future<SchemaLookupResult<Schema>> answer = requests.submit(request::get);
    try {
      return answer.get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new IllegalStateException(
          "no answer of the schema registry",
          new HttpTimeoutException("no answer within " + timeoutMillis + " ms"));
    } catch (InterruptedException e) {
      answer.cancel(true);
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void reset() {
    written.clear();
    read.clear();
    super.reset();
  }

  @Override
  public void close() throws IOException {
    requests.shutdownNow();
    super.close();
  }

  /** A schema object, which is the same for each record of a version, and the topic. */
  private record Written(Schema schema, String topic) {
    @Override
    @SuppressWarnings("ReferenceEquality") // that is the point: comparing schemas takes long
    public boolean equals(@Nullable Object other) {
      return other instanceof Written that && schema == that.schema && topic.equals(that.topic);
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(schema) + topic.hashCode();
    }
  }

  private record Id(boolean global, long number) {
    /** Returns the id in a record, or null if the record refers to its schema differently. */
    static @Nullable Id of(@Nullable ArtifactReference reference) {
      if (reference == null) {
        return null;
      }
      if (reference.getContentId() != null) {
        return new Id(false, reference.getContentId());
      }
      boolean byGlobalId = reference.getContentHash() == null && reference.getGlobalId() != null;
      return byGlobalId ? new Id(true, reference.getGlobalId()) : null;
    }
  }

  private static final class Known {
    private volatile SchemaLookupResult<Schema> result;
    private volatile long checkAt;
    private volatile boolean inDoubt;
    private @Nullable Future<?> check;

    Known(SchemaLookupResult<Schema> result, long checkAt) {
      this.result = result;
      this.checkAt = checkAt;
    }
  }
}
