/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.discovery;

import io.claimstream.connect.source.record.TopicTemplate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Selection of the streams to read from those that match the pattern. A stream that cannot be read,
 * or that must not be, is left out with a warning: it must not fail the others. Used by one thread.
 */
public final class StreamSelection {
  private static final Logger LOG = LoggerFactory.getLogger(StreamSelection.class);

  private final StreamPattern pattern;
  private final String failedStream;
  private final TopicTemplate topics;
  private final Collection<String> otherTopics;
  private final Set<String> reported = new HashSet<>();

  /**
   * Creates a selection.
   *
   * @param failedStream the dead letter stream, which is never read; empty = none
   * @param topics template of the topics of events
   * @param otherTopics topics to which no event may go; blank ones are ignored
   */
  public StreamSelection(
      StreamPattern pattern,
      String failedStream,
      TopicTemplate topics,
      Collection<String> otherTopics) {
    this.pattern = pattern;
    this.failedStream = failedStream;
    this.topics = topics;
    this.otherTopics = otherTopics;
  }

  /** The pattern of the streams. */
  public StreamPattern pattern() {
    return pattern;
  }

  /** Whether a stream of that name is one that the pattern finds, if it exists. */
  public boolean includes(String stream) {
    return pattern.matches(stream) && refusal(stream, Map.of()) == null;
  }

  /**
   * Returns the streams to read, in order of their names.
   *
   * @param found the streams that match
   * @param known the streams that are read already: they win where the topics of two collide
   */
  List<String> select(Collection<String> found, Collection<String> known) {
    List<String> inOrder = new ArrayList<>(known);
    inOrder.retainAll(found);
    new TreeSet<>(found).stream().filter(stream -> !known.contains(stream)).forEach(inOrder::add);
    reported.retainAll(found);
    Map<String, String> taken = new HashMap<>();
    Set<String> selected = new TreeSet<>();
    for (String stream : inOrder) {
      String refusal = refusal(stream, taken);
      if (refusal == null) {
        selected.add(stream);
        taken.putIfAbsent(TopicTemplate.unified(topic(stream)), stream);
      } else if (reported.add(stream)) {
        LOG.warn(
            "Stream '{}' matches redis.streams.pattern={} but is not read: {}",
            printable(stream),
            pattern,
            refusal);
      }
    }
    return List.copyOf(selected);
  }

  /**
   * Returns why a stream is not read; null if it is.
   *
   * @param taken streams by their topics, in the form in which Kafka compares them
   */
  private @Nullable String refusal(String stream, Map<String, String> taken) {
    if (stream.equals(failedStream)) {
      return "it is the dead letter stream (redis.failed.stream)";
    }
    if (stream.startsWith(StreamPattern.OWN_KEYS)) {
      return "its name begins like the connector's own keys";
    }
    if (stream.isBlank() || !printable(stream).equals(stream)) {
      return "its name is not printable text in UTF-8";
    }
    return topics.usesType() ? null : refusalOfTopic(topic(stream), taken);
  }

  private @Nullable String refusalOfTopic(String topic, Map<String, String> taken) {
    String unified = TopicTemplate.unified(topic);
    try {
      TopicTemplate.requireNotInternal(topic);
    } catch (IllegalArgumentException e) {
      return "its topic " + e.getMessage();
    }
    for (String other : otherTopics) {
      if (TopicTemplate.unified(other).equals(unified)) {
        return "its topic '"
            + topic
            + "' is also the dead letter topic or heartbeat topic, or collides with it";
      }
    }
    String first = taken.get(unified);
    return first == null || topic(first).equals(topic)
        ? null
        : "its topic '"
            + topic
            + "' and that of stream '"
            + first
            + "' differ only in '.' and '_', which Kafka rejects. Name one topic for all streams in"
            + " the setting 'topic', or rename the stream";
  }

  private String topic(String stream) {
    return topics.topic(stream, "").name();
  }

  private static String printable(String name) {
    return name.replaceAll("[\\p{Cntrl}\uFFFD]", "?");
  }
}
