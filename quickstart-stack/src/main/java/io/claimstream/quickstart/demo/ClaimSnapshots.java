/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Where claims stand after each of their events. An event that is in a snapshot already changes
 * nothing, so that a replay, of a part or of everything, ends where it began.
 */
final class ClaimSnapshots {
  /* What an event does not tell stays as it was. */
  private static final List<String> KEPT = List.of("customer_id", "policy_number");

  private final Schema schema;

  /**
   * Snapshots under that schema.
   *
   * @param schema {@code claim-snapshot}
   */
  ClaimSnapshots(Schema schema) {
    this.schema = schema;
  }

  /**
   * The claim after the event.
   *
   * @param event of any version of {@code claim-event}
   * @param before null at the claim's first event
   */
  GenericRecord after(GenericRecord event, @Nullable GenericRecord before) {
    String id = ClaimRecords.text(event, "stream_id");
    if (before != null && isIn(id, before)) {
      return before;
    }
    GenericRecordBuilder after = new GenericRecordBuilder(schema);
    KEPT.forEach(field -> after.set(field, told(event, field, before, field)));
    if (event.get("amount") == null) {
      after.set("amount", before == null ? null : before.get("amount"));
      after.set("currency", before == null ? null : before.get("currency"));
    } else {
      after.set("amount", event.get("amount"));
      after.set("currency", event.hasField("currency") ? event.get("currency") : "EUR");
    }
    String status = ClaimRecords.status(event);
    Object former = before == null ? null : before.get("status");
    return after
        .set("claim_id", event.get("claim_id"))
        .set("stream_id", id)
        .set("events", before == null ? 1L : (long) before.get("events") + 1)
        .set("last_type", event.get("type"))
        .set("status", status == null ? former : status)
        .set("updated_at", told(event, "timestamp", before, "updated_at"))
        .build();
  }

  /** By number: as text, 9-0 would come after 10-0. */
  private static boolean isIn(String id, GenericRecord snapshot) {
    EntryId last = EntryId.parse(ClaimRecords.text(snapshot, "stream_id"));
    return EntryId.parse(id).compareTo(last) <= 0;
  }

  private static @Nullable Object told(
      GenericRecord event, String field, @Nullable GenericRecord before, String kept) {
    Object told = event.hasField(field) ? event.get(field) : null;
    return told != null || before == null ? told : before.get(kept);
  }
}
