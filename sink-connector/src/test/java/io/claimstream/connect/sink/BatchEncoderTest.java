/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.claimstream.connect.sink.encode.BytesFormat;
import io.claimstream.connect.sink.encode.EntryFormat;
import io.claimstream.connect.sink.encode.NullValues;
import io.claimstream.connect.sink.encode.RecordEncoder;
import io.claimstream.connect.sink.write.StreamAppend;
import io.claimstream.connect.sink.write.StreamTemplate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

class BatchEncoderTest {
  private final RecordEncoder fields =
      new RecordEncoder(EntryFormat.ofMembers(NullValues.IGNORE, BytesFormat.BASE64));
  private final BatchEncoder encoder =
      new BatchEncoder(
          new StreamTemplate("claims:analytics"),
          (stream, origin, record) ->
              fields
                  .encode(record)
                  .map(flat -> StreamAppend.of(stream, flat.toList(), origin, record)));

  @Test
  void poisonPillsLeaveTheirNeighboursAlone() {
    // given what one record may hold to end a whole worker, and one that only looks like it
    Object hostileDecimal = Decimal.toLogical(Decimal.schema(-2_000_000_000), new byte[] {1});
    Map<String, Object> mapInItself = new TreeMap<>();
    mapInItself.put("m", mapInItself);

    // when
    BatchEncoder.Batch batch =
        encoder.encode(
            List.of(
                record(0, "a"),
                record(1, hostileDecimal),
                record(2, mapInItself),
                record(3, new TreeMap<>(Map.of(1, "b"))),
                record(4, "c")));

    // then
    assertThat(batch.appends())
        .extracting(append -> append.origin().offset())
        .containsExactly(0L, 3L, 4L);
    assertThat(batch.bad()).extracting(bad -> bad.origin().offset()).containsExactly(1L, 2L);
    assertThat(batch.bad().get(0).error()).hasMessageContaining("1,000 digits");
    assertThat(batch.bad().get(1).error()).hasMessageContaining("1,000 levels");
  }

  private static SinkRecord record(long offset, Object value) {
    return new SinkRecord("claims", 0, null, null, null, value, offset);
  }
}
