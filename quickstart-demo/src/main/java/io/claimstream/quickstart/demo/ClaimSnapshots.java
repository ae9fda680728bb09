/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.connect.redis.stream.EntryId;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots of claims after each of their events. An event that a snapshot already includes changes
 * nothing, so that a replay, partial or complete, ends in the same state.
 */
final class ClaimSnapshots {
  /* Fields that an event does not contain stay as they were. */
  private static final List<String> KEPT = List.of("customer_id", "policy_number");

  private final Schema schema;

  /**
   * Creates snapshots with that schema.
   *
   * @param schema {@code claim-snapshot}
   */
  ClaimSnapshots(Schema schema) {
    this.schema = schema;
  }

  /**
   * Returns the claim's snapshot after the event.
   *
   * @param event of any version of {@code claim-event}
   * @param before the previous snapshot; null at the claim's first event
   */
  GenericRecord after(GenericRecord event, @Nullable GenericRecord before) {
    String id = ClaimRecords.text(event, "stream_id");
    if (before != null && isIn(id, before)) {
      return before;
    }
    GenericRecordBuilder after = new GenericRecordBuilder(schema);
    KEPT.forEach(field -> after.set(field, latest(event, field, before, field)));
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
        .set("updated_at", latest(event, "timestamp", before, "updated_at"))
        .build();
  }

  /**
   * Returns whether the snapshot includes the event. Compares numbers: as text, 9-0 follows 10-0.
   */
  private static boolean isIn(String id, GenericRecord snapshot) {
    EntryId last = EntryId.parse(ClaimRecords.text(snapshot, "stream_id"));
    return EntryId.parse(id).compareTo(last) <= 0;
  }

  private static @Nullable Object latest(
      GenericRecord event, String field, @Nullable GenericRecord before, String kept) {
    Object value = event.hasField(field) ? event.get(field) : null;
    return value != null || before == null ? value : before.get(kept);
  }
}
