/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;
import org.apache.kafka.connect.data.Struct;

/**
 * Every version of one event's schema, {@code v1}, {@code v2} and so on, each able to read what
 * every former one wrote. Immutable.
 *
 * @see <a href="https://avro.apache.org/docs/1.12.0/specification/#schema-resolution">Avro's schema
 *     resolution</a>
 */
public final class EventSchemas {
  private final NavigableMap<Integer, EventSchema> versions;
  private final Map<Integer, SchemaUpgrade> upgrades = new HashMap<>();

  private EventSchemas(NavigableMap<Integer, EventSchema> versions) {
    this.versions = versions;
    versions.forEach((v, schema) -> upgrades.put(v, SchemaUpgrade.between(schema, latest())));
  }

  /**
   * Reads {@code v1.avsc}, {@code v2.avsc}, … of a folder.
   *
   * @param location a directory, or {@code classpath:} and a folder there
   * @throws SchemaException if there is none, one cannot be read or used, or one cannot read what a
   *     former one wrote
   */
  public static EventSchemas load(String location) {
    List<String> files = SchemaFolder.at(location).versions();
    NavigableMap<Integer, EventSchema> versions = new TreeMap<>();
    for (String text : files) {
      int version = versions.size() + 1;
      try {
        versions.put(
            version, EventSchema.of(version, new org.apache.avro.Schema.Parser().parse(text)));
      } catch (AvroRuntimeException e) {
        throw new SchemaException(
            location + "/v" + version + ".avsc is no Avro schema: " + e.getMessage(), e);
      } catch (SchemaException e) {
        throw new SchemaException(location + "/v" + version + ".avsc: " + e.getMessage(), e);
      }
    }
    checkCompatible(location, versions);
    return new EventSchemas(Collections.unmodifiableNavigableMap(versions));
  }

  private static void checkCompatible(
      String location, NavigableMap<Integer, EventSchema> versions) {
    for (EventSchema newer : versions.values()) {
      // not only the last one: a topic holds events of all ages
      for (EventSchema older : versions.headMap(newer.version()).values()) {
        checkCompatible(location, newer, older);
      }
    }
  }

  private static void checkCompatible(String location, EventSchema newer, EventSchema older) {
    SchemaPairCompatibility result =
        SchemaCompatibility.checkReaderWriterCompatibility(newer.avro(), older.avro());
    if (result.getType() != SchemaCompatibilityType.COMPATIBLE) {
      throw new SchemaException(
          location
              + "/v"
              + newer.version()
              + ".avsc cannot read what v"
              + older.version()
              + ".avsc wrote: "
              + result.getResult().getIncompatibilities(),
          null);
    }
    MeaningCheck.check(
        location + "/v" + newer.version() + ".avsc",
        newer.avro(),
        "v" + older.version() + ".avsc",
        older.avro());
  }

  /** The newest version. */
  public EventSchema latest() {
    return versions.lastEntry().getValue();
  }

  /** That version; empty if there is none. */
  public Optional<EventSchema> version(int version) {
    return Optional.ofNullable(versions.get(version));
  }

  /** Every version, oldest first. */
  public List<EventSchema> all() {
    return List.copyOf(versions.values());
  }

  /**
   * Whether the latest version takes over the values of that one's fields by their names, so that
   * an event can be made under it at once: fields that are new have their defaults, and fields that
   * are gone are left out.
   */
  public boolean handsOver(EventSchema writtenUnder) {
    return Objects.requireNonNull(upgrades.get(writtenUnder.version())).isDirect();
  }

  /**
   * The event under the latest version, by Avro's rules: new fields have their defaults, aliases
   * are followed.
   *
   * @param writtenUnder the version the event's schema is
   */
  public Struct upgrade(EventSchema writtenUnder, Struct event) {
    return Objects.requireNonNull(upgrades.get(writtenUnder.version())).apply(event);
  }
}
