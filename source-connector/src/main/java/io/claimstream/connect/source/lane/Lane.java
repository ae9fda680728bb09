/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.lane;

import io.claimstream.connect.source.group.ConsumerGroup;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One consumer of one stream: the unit of assignment to tasks.
 *
 * @param stream the Redis key
 * @param index index of the lane among those of its stream, from 0
 */
public record Lane(String stream, int index) {

  /**
   * Returns all lanes of a connector: the first lane of every stream, then every second lane, and
   * so on.
   */
  public static List<Lane> all(List<String> streams, int lanesPerStream) {
    return IntStream.range(0, lanesPerStream)
        .boxed()
        .flatMap(index -> streams.stream().map(stream -> new Lane(stream, index)))
        .toList();
  }

  /**
   * Assigns lanes to tasks as evenly as possible.
   *
   * @param maxTasks at least 1
   * @return at most {@code maxTasks} lists, none of them empty, so that no task is idle
   */
  public static List<List<Lane>> assign(List<Lane> lanes, int maxTasks) {
    int tasks = Math.min(lanes.size(), maxTasks);
    return IntStream.range(0, tasks)
        .mapToObj(
            task ->
                IntStream.range(0, lanes.size())
                    .filter(lane -> lane % tasks == task)
                    .mapToObj(lanes::get)
                    .toList())
        .toList();
  }

  /**
   * Parses the result of {@link #toString}.
   *
   * @throws IllegalArgumentException if the text is not a lane
   */
  public static Lane parse(String text) {
    int mark = text.lastIndexOf('#');
    if (mark < 0) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a consumer of a stream: expected <stream>#<index>");
    }
    return new Lane(decoded(text.substring(0, mark)), Integer.parseInt(text.substring(mark + 1)));
  }

  /** Connect's source partition of this lane's entries. */
  public SourcePartition partition(String group, String connector) {
    return new SourcePartition(new ConsumerGroup(stream, group), consumer(connector));
  }

  /** The name of this lane's consumer in its group; the same after every restart. */
  public String consumer(String connector) {
    return consumer(connector, index);
  }

  /** The name of the consumer of a lane with the given index. */
  public static String consumer(String connector, int index) {
    return consumerPrefix(connector) + index;
  }

  /** The name of the consumer that takes over idle entries of other programs. */
  public static String takeoverConsumer(String connector) {
    return connector + "-takeover";
  }

  /** The prefix of the consumer names of all lanes of a connector; the lane's index follows. */
  public static String consumerPrefix(String connector) {
    return connector + "-";
  }

  /** Whether a consumer is named like a current or former consumer of the connector. */
  public static boolean isConsumerOf(String connector, String consumer) {
    String prefix = consumerPrefix(connector);
    return consumer.startsWith(prefix) && consumer.substring(prefix.length()).matches("\\d{1,6}");
  }

  /** Returns the name of the connector that has that consumer. */
  public static String connectorOf(String consumer) {
    return consumer.replaceFirst("-(\\d{1,6}|takeover)$", "");
  }

  /**
   * Returns the stream and the index, for a list in a task's configuration. The name of a stream
   * that was found by pattern may contain what has a meaning there: the comma of the list, and the
   * start of a variable that a config provider replaces.
   */
  @Override
  public String toString() {
    return stream.replace("%", "%25").replace(",", "%2C").replace("$", "%24") + '#' + index;
  }

  private static String decoded(String text) {
    return text.replace("%24", "$").replace("%2C", ",").replace("%25", "%");
  }
}
