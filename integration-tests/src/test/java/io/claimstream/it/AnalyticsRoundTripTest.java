/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.EntryFormat;
import io.claimstream.connect.sink.encode.NullValues;
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.source.decode.BadEntryException;
import io.claimstream.connect.source.decode.EventDecoder;
import io.claimstream.connect.source.decode.EventFields;
import io.claimstream.connect.source.decode.UnknownFields;
import io.claimstream.connect.source.decode.VersionPolicy;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Date;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the source reads back of the analytics is what the sink was given. */
class AnalyticsRoundTripTest {
  private static final EventSchemas SCHEMAS =
      EventSchemas.load("classpath:schemas/claim-analytics");
  private static final Schema SCHEMA = SCHEMAS.latest().connect();

  private final RecordEncoder sink =
      new RecordEncoder(EntryFormat.ofMembers(NullValues.IGNORE, BytesFormat.BASE64));
  private final EventDecoder source =
      new EventDecoder(
          SCHEMAS,
          new EventFields("type", "window_start", "type", "schema_version"),
          VersionPolicy.LATEST,
          UnknownFields.FAIL);

  @ParameterizedTest
  @CsvSource({
    "claim_submitted, 2024-08-20T10:30:00Z, 2024-08-20T10:31:00Z, 3, 15000.00, 5000.00, 0",
    "claim_paid, 1969-12-31T23:59:59.999Z, 1970-01-01T00:00:00Z, 0, 0.00, 0.00, 0",
    "'é\u20ac \"q\"', 2024-08-20T10:30:00.001Z, 2024-08-20T10:30:00.002Z, 1, -0.01, -0.01, 1",
    "x, 9999-12-31T23:59:59.999Z, 9999-12-31T23:59:59.999Z, 9223372036854775807,"
        + " 9999999999999999.99, 9999999999999999.99, 9223372036854775807"
  })
  void sourceReadsBackWhatTheSinkWrote(
      String type,
      Instant start,
      Instant end,
      long count,
      BigDecimal total,
      BigDecimal mean,
      long failures)
      throws BadEntryException {
    Struct written =
        new Struct(SCHEMA)
            .put("type", type)
            .put("window_start", Date.from(start))
            .put("window_end", Date.from(end))
            .put("count", count)
            .put("amount_total", total)
            .put("amount_mean", mean)
            .put("failures", failures);

    StreamEntry entry =
        new StreamEntry(EntryId.parse("1-0"), sink.encode(record(written)).orElseThrow().toList());
    Struct read = source.decode("claims:analytics", entry).value();

    assertThat(read).isEqualTo(written);
    assertThat(read.schema()).isEqualTo(SCHEMA);
    assertThat(entry.size()).as("the fields of the schema, and its version").isEqualTo(8);
  }

  @SuppressWarnings("NullAway") // Connect's own API is not annotated
  private static SinkRecord record(Struct value) {
    return new SinkRecord("claims.analytics", 0, null, null, SCHEMA, value, 0);
  }
}
