/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.encode;

import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** Map keys as names. Names in Redis and JSON are text. */
final class MapKeys {

  private MapKeys() {}

  /**
   * Returns a key's text.
   *
   * @param map the map's schema, or null
   * @throws DataException if the key is null, bytes or a container
   */
  static String text(@Nullable Schema map, @Nullable Object key) {
    Schema keys = map != null && map.type() == Schema.Type.MAP ? map.keySchema() : null;
    String text = key == null ? null : ScalarText.of(keys, key);
    if (text == null) {
      throw new DataException(
          "has a map key that cannot be a name: "
              + (key == null ? "null" : "a " + key.getClass().getName()));
    }
    return text;
  }
}
