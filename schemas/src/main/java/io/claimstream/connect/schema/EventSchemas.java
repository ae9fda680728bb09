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
 * All versions of one event's schema, {@code v1}, {@code v2} and so on. Each can read data written
 * with every earlier one. Immutable.
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
   * Loads {@code v1.avsc}, {@code v2.avsc}, … from a folder.
   *
   * @param location a directory, or {@code classpath:} and a folder there
   * @throws SchemaException if there is no version, one is invalid, or one cannot read data written
   *     with an earlier one
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
            location + "/v" + version + ".avsc is not an Avro schema: " + e.getMessage(), e);
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
      // not only the previous one: a topic contains events of all versions
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
              + ".avsc cannot read data written with v"
              + older.version()
              + ".avsc: "
              + result.getResult().getIncompatibilities(),
          null);
    }
    MeaningCheck.check(
        location + "/v" + newer.version() + ".avsc",
        newer.avro(),
        "v" + older.version() + ".avsc",
        older.avro());
  }

  /** Returns the newest version. */
  public EventSchema latest() {
    return versions.lastEntry().getValue();
  }

  /** Returns that version; empty if there is none. */
  public Optional<EventSchema> version(int version) {
    return Optional.ofNullable(versions.get(version));
  }

  /** Returns all versions, oldest first. */
  public List<EventSchema> all() {
    return List.copyOf(versions.values());
  }

  /**
   * Returns whether the latest version has the fields of that version under the same names, so that
   * an event can be created under it directly: new fields get their defaults, and removed fields
   * are left out.
   */
  public boolean handsOver(EventSchema writtenUnder) {
    return Objects.requireNonNull(upgrades.get(writtenUnder.version())).isDirect();
  }

  /**
   * Converts an event to the latest version by Avro's rules: new fields get their defaults, and
   * aliases are followed.
   *
   * @param writtenUnder the version of the event's schema
   */
  public Struct upgrade(EventSchema writtenUnder, Struct event) {
    return Objects.requireNonNull(upgrades.get(writtenUnder.version())).apply(event);
  }
}
