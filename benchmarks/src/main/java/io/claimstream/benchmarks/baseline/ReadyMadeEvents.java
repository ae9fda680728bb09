/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.baseline;

import io.claimstream.benchmarks.baseline.ClaimEntries.Event;
import io.claimstream.connect.schema.EventSchemas;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/** Claim events as the source emits them, without a source stream. */
public final class ReadyMadeEvents {
  private ReadyMadeEvents() {}

  /** Returns that many different events. */
  public static List<Struct> of(long number) {
    Schema schema = EventSchemas.load("classpath:schemas/claim-event").latest().connect();
    List<Struct> events = new ArrayList<>();
    for (long i = 0; i < number; i++) {
      events.add(struct(schema, ClaimEntries.usual().event(i)));
    }
    return events;
  }

  private static Struct struct(Schema schema, Event event) {
    return new Struct(schema)
        .put("stream_id", event.timeMillis() + "-0")
        .put("type", event.type())
        .put("claim_id", event.claimId())
        .put("customer_id", event.customerId())
        .put("timestamp", new Date(event.timeMillis()))
        .put("amount", event.amount())
        .put("currency", "EUR")
        .put("attributes", event.attributesByName());
  }
}
