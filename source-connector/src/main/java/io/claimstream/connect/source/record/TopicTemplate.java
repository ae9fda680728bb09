/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Template for an event's topic, filled with its stream and type. Used by one thread.
 *
 * <p>The configuration determines the streams, but the data determines the types. Kafka rejects a
 * topic whose name differs from another topic's only in {@code .} and {@code _}. A type therefore
 * contributes underscores but no dots, so that the topics of a stream never collide, whatever types
 * arrive and in whatever order. A type also never selects an internal topic.
 *
 * @see <a href="https://kafka.apache.org/documentation/#topicconfigs">Kafka's topics</a>
 */
public final class TopicTemplate {
  private static final String STREAM = "${stream}";
  private static final String TYPE = "${type}";
  private static final Pattern ILLEGAL = Pattern.compile("[^a-zA-Z0-9._-]");
  private static final Pattern ILLEGAL_IN_TYPE = Pattern.compile("[^a-zA-Z0-9_-]");
  private static final int LONGEST = 249;
  private static final int REMEMBERED = 1_000;
  private static final Set<String> OF_KAFKA =
      Set.of(
          "__consumer_offsets",
          "__transaction_state",
          "__share_group_state",
          "__cluster_metadata",
          "__remote_log_metadata");

  /** Names from Connect's own examples; a connector cannot query the names that its worker uses. */
  private static final List<String> OF_CONNECT =
      List.of("connect-configs", "connect-offsets", "connect-status");

  private static final String NEEDS_TEXT =
      ": put a fixed text before ${type} in the setting 'topic'";

  private record Event(String stream, String type) {}

  /**
   * Topic of an event.
   *
   * @param name the topic's name, legal for Kafka
   * @param refusal reason, completing "has a type that …", why the event must not go to the topic;
   *     null if it may
   */
  public record Topic(String name, @Nullable String refusal) {}

  private final String template;
  private final List<String> aroundTypes;
  private final Map<String, String> reserved;
  // types come from the data, so the caches of them must be bounded
  private final Map<Event, Topic> topics = new Recent<>();
  private final Map<String, String> used = new Recent<>();

  private static final class Recent<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > REMEMBERED;
    }
  }

  private TopicTemplate(String template, Collection<String> reserved) {
    this.template = template;
    this.aroundTypes = List.of(template.split(Pattern.quote(TYPE), -1));
    this.reserved =
        Stream.concat(OF_CONNECT.stream(), reserved.stream())
            .collect(Collectors.toMap(TopicTemplate::unified, name -> name, (one, same) -> one));
  }

  /**
   * Parses a template.
   *
   * @throws IllegalArgumentException if it is empty, uses an unknown variable, or names an internal
   *     topic of Kafka
   */
  public static TopicTemplate parse(String template) {
    String trimmed = template.trim();
    String fixed = trimmed.replace(STREAM, "").replace(TYPE, "");
    if (trimmed.isEmpty()) {
      throw new IllegalArgumentException("is empty");
    }
    if (fixed.contains("$")) {
      throw new IllegalArgumentException("may contain only the variables ${stream} and ${type}");
    }
    requireNotInternal(trimmed);
    return new TopicTemplate(trimmed, List.of());
  }

  /**
   * Checks the name of a topic that a setting names; blank is no topic.
   *
   * @throws IllegalArgumentException if Kafka does not allow the name, or it is an internal topic
   */
  static void checkName(String name) {
    if (!name.isBlank() && !name.trim().matches("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}")) {
      throw new IllegalArgumentException(
          "Kafka allows only letters, digits, '.', '_' and '-', and at most 249 characters");
    }
    requireNotInternal(name.trim());
  }

  /**
   * Checks a configured topic name.
   *
   * @throws IllegalArgumentException if it is an internal topic of Kafka
   */
  public static void requireNotInternal(String topic) {
    if (OF_KAFKA.contains(topic)) {
      throw new IllegalArgumentException("'" + topic + "' is an internal topic of Kafka");
    }
  }

  /** Returns the same template, in which types cannot select the given topics. */
  public TopicTemplate reserving(Collection<String> names) {
    return new TopicTemplate(template, names);
  }

  /** Returns a name in the form in which Kafka compares it with others. */
  public static String unified(String topic) {
    return topic.replace('.', '_');
  }

  /** Whether the topic depends on the event's type. */
  public boolean usesType() {
    return aroundTypes.size() > 1;
  }

  /**
   * Returns the topic for a stream's events of a type; without {@code ${type}} it is never refused.
   */
  public Topic topic(String stream, String type) {
    Event event = new Event(stream, usesType() ? type : "");
    Topic known = topics.get(event);
    if (known == null) {
      known = usesType() ? ofType(event) : new Topic(ofStream(event.stream()), null);
      topics.put(event, known);
    }
    return known;
  }

  private String ofStream(String stream) {
    String legal = legal(template, stream);
    return cut(legal.equals(".") || legal.equals("..") ? unified(legal) : legal);
  }

  private Topic ofType(Event event) {
    String type = ILLEGAL_IN_TYPE.matcher(event.type()).replaceAll("_");
    List<String> texts = aroundTypes.stream().map(text -> legal(text, event.stream())).toList();
    String name = cut(String.join(type, texts));
    return new Topic(name, refusal(name, texts.get(0)));
  }

  private @Nullable String refusal(String name, String beforeType) {
    if (underscores(name) > underscores(beforeType) || OF_KAFKA.contains(unified(name))) {
      return "would make its topic name begin with '_', like that of an internal topic"
          + NEEDS_TEXT;
    }
    String taken = reserved.get(unified(name));
    if (taken != null) {
      return "would send it to '"
          + taken
          + "', which is a reserved topic (internal topic, dead letter topic or heartbeat topic),"
          + " or to a name that collides with it"
          + NEEDS_TEXT
          + ", different from the start of that topic's name";
    }
    String before = used.putIfAbsent(unified(name), name);
    return before == null || before.equals(name)
        ? null
        : "would send it to a topic whose name differs from another stream's topic only in '.' and"
            + " '_', which Kafka rejects: put a character other than these between ${stream} and"
            + " ${type} in the setting 'topic'";
  }

  private static int underscores(String text) {
    int count = 0;
    while (count < text.length() && text.charAt(count) == '_') {
      count++;
    }
    return count;
  }

  private static String legal(String text, String stream) {
    return ILLEGAL.matcher(text.replace(STREAM, stream)).replaceAll(".");
  }

  private static String cut(String name) {
    return name.length() > LONGEST ? name.substring(0, LONGEST) : name;
  }
}
