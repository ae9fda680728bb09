/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import io.claimstream.connect.source.decode.EntryShape.Source;
import java.util.List;

/** How the fields of entries of one shape fill an event of one layout. */
final class EventPlan {
  private final List<Step> steps;
  private final List<Source> unknown;

  /** The place of a value in the event, and the field that holds it. */
  record Step(EventLayout.Place place, Source source) {}

  EventPlan(EntryShape shape, EventLayout layout, EventFields fields) {
    this.steps =
        layout.places().stream()
            .map(place -> new Step(place, shape.source(place.field().name())))
            .toList();
    this.unknown =
        shape.all().stream()
            .filter(source -> !source.name().equals(fields.version()))
            .filter(source -> !layout.reads(source.name()))
            .filter(source -> !fields.headers().contains(source.name()))
            .toList();
  }

  /** The values, in schema order. */
  List<Step> steps() {
    return steps;
  }

  /** The fields that are not in the schema, in the entries' order. */
  List<Source> unknown() {
    return unknown;
  }
}
