/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.jspecify.annotations.Nullable;

/** What Connect is to a source task that has committed its first lane's first entries. */
final class SourceContext implements SourceTaskContext {

  @Override
  public Map<String, String> configs() {
    return Map.of();
  }

  @Override
  public OffsetStorageReader offsetStorageReader() {
    return new OffsetStorageReader() {
      @Override
      public <T> @Nullable Map<String, Object> offset(Map<String, T> partition) {
        return "source-0".equals(partition.get("consumer")) ? Map.of("id", "0-2") : null;
      }

      @Override
      public <T> Map<Map<String, T>, Map<String, Object>> offsets(
          Collection<Map<String, T>> partitions) {
        Map<Map<String, T>, Map<String, Object>> found = new HashMap<>();
        partitions.forEach(partition -> found.put(partition, offset(partition)));
        return found;
      }
    };
  }

  @Override
  public PluginMetrics pluginMetrics() {
    throw new NoSuchMethodError("this is Connect before 4.1");
  }
}
