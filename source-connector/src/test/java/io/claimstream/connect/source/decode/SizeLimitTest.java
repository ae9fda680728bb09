/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.redis.stream.StreamEntry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SizeLimitTest {
  private static final int LIMIT = 1_000_000;

  private static StreamEntry entry(byte[] value) {
    return new StreamEntry(EntryId.parse("1-0"), List.of(new byte[] {'f'}, value));
  }

  private static Struct value(StreamEntry entry) throws BadEntryException {
    return new GenericDecoder(new EventFields("claim_id", "timestamp", "type", "schema_version"))
        .decode("s", entry)
        .value();
  }

  @Test
  void bytesThatJsonMakesTooLargeAreTooLargeUnlessTheConverterIsBinary() throws BadEntryException {
    // given bytes that are not text, fewer than the limit
    byte[] bytes = new byte[900_000];
    bytes[0] = (byte) 0xff;
    StreamEntry entry = entry(bytes);

    // then
    assertThat(new SizeLimit(LIMIT, true).excess(entry)).isNull();
    assertThat(new SizeLimit(LIMIT, true).excess(entry, null, value(entry)))
        .contains("900001 bytes", "which become about 1200", "event.max.bytes", "value.converter")
        .contains("max.request.size");
    assertThat(new SizeLimit(LIMIT, false).excess(entry, null, value(entry))).isNull();
    assertThat(SizeLimit.NONE.excess(entry, null, value(entry))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "x\n", "\"", "\\", "\u0001", "é", "漢", "😀", "\b\t\f\r"})
  void textCountsAsWhatJsonMakesOfIt(String pattern)
      throws BadEntryException, JsonProcessingException {
    // given
    String text = pattern.repeat(1_000);
    StreamEntry entry = entry(text.getBytes(StandardCharsets.UTF_8));
    Struct value = value(entry);
    Map<String, Object> same =
        Map.of("id", "1-0", "stream", "s", "fields", Map.of("f", text), "binary_fields", Map.of());
    int json = JsonMapper.builder().build().writeValueAsBytes(same).length;

    // then
    assertThat(new SizeLimit(json + 20, true).excess(entry, null, value)).isNull();
    assertThat(new SizeLimit(json - 1, true).excess(entry, null, value)).isNotNull();
  }
}
