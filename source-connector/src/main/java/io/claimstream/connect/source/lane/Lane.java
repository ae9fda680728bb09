/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import java.util.List;
import java.util.stream.IntStream;

/**
 * One reader of one stream: the unit that is dealt to tasks.
 *
 * @param stream the Redis key
 * @param index which of the stream's lanes, from 0
 */
public record Lane(String stream, int index) {

  /** All lanes of a connector, the first lane of every stream before any second one. */
  public static List<Lane> all(List<String> streams, int lanesPerStream) {
    return IntStream.range(0, lanesPerStream)
        .boxed()
        .flatMap(index -> streams.stream().map(stream -> new Lane(stream, index)))
        .toList();
  }

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException if the text is no lane
   */
  public static Lane parse(String text) {
    int mark = text.lastIndexOf('#');
    if (mark < 0) {
      throw new IllegalArgumentException("'" + text + "' is not a lane: expected <stream>#<index>");
    }
    return new Lane(text.substring(0, mark), Integer.parseInt(text.substring(mark + 1)));
  }

  /** The name under which this lane reads in its group; the same after every restart. */
  public String consumer(String connector) {
    return consumer(connector, index);
  }

  /** The name under which a lane of that index reads. */
  public static String consumer(String connector, int index) {
    return consumerPrefix(connector) + index;
  }

  /** What the consumer names of all lanes of a connector begin with, before the lane's index. */
  public static String consumerPrefix(String connector) {
    return connector + "-";
  }

  /** Whether a consumer is, or was before the number of lanes changed, one of that connector's. */
  public static boolean isConsumerOf(String connector, String consumer) {
    String prefix = consumerPrefix(connector);
    return consumer.startsWith(prefix) && consumer.substring(prefix.length()).matches("\\d{1,6}");
  }

  @Override
  public String toString() {
    return stream + '#' + index;
  }
}
