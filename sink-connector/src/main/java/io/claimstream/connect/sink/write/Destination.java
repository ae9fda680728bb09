/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

/** Where a connector writes, as configured: streams, or the keys of a read model. */
public interface Destination {

  /** Returns the configured text. */
  String text();

  /** Returns the name of the setting that contains it. */
  String setting();

  /** Returns {@code stream} or {@code keys}: the word for messages and the tag of metrics. */
  String noun();

  /** Returns whether the name depends on the topic. */
  boolean hasTopic();

  /** Returns the name of the destination for a topic's records. */
  String of(String topic);

  /**
   * Returns the key beside which the offsets are stored, in the slot of everything that is written
   * to that destination.
   */
  String anchor(String name);

  /** Returns the noun and the name, for messages. */
  default String describe(String name) {
    return noun() + ' ' + name;
  }
}
