/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import org.apache.kafka.connect.data.Schema;

/**
 * One released version of an event's schema.
 *
 * @param version from 1; also the version of the Connect schema
 * @param avro the schema in its file
 * @param connect the schema for Connect's converters: same names, docs and defaults
 */
public record EventSchema(int version, org.apache.avro.Schema avro, Schema connect) {

  static EventSchema of(int version, org.apache.avro.Schema avro) {
    return new EventSchema(version, avro, ConnectSchemas.of(avro, version));
  }
}
