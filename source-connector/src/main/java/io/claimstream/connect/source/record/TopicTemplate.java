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
 * Makes an event's topic from its stream and type. Used by one thread.
 *
 * <p>The operator chooses the streams, the data chooses the types. Kafka refuses a topic whose name
 * differs from that of another only in {@code .} and {@code _}, so of these two a type has the
 * second only: whatever the types are, in whatever order and after whatever restart they come, the
 * topics of a stream cannot collide. A type never chooses an internal topic either.
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

  /** As Connect's own examples name them. A worker does not tell a connector what it uses. */
  private static final List<String> OF_CONNECT =
      List.of("connect-configs", "connect-offsets", "connect-status");

  private static final String NEEDS_TEXT =
      ": give the setting 'topic' a text of its own before ${type}";

  private record Event(String stream, String type) {}

  /**
   * The topic of an event.
   *
   * @param name legal for Kafka
   * @param refusal why the event must not go there, completing "has a type that …"; null if it may
   */
  public record Topic(String name, @Nullable String refusal) {}

  private final String template;
  private final List<String> aroundTypes;
  private final Map<String, String> reserved;
  // types come from the data: what is remembered of them must not grow without end
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
   * Reads a template.
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
      throw new IllegalArgumentException("knows only ${stream} and ${type}");
    }
    requireNotInternal(trimmed);
    return new TopicTemplate(trimmed, List.of());
  }

  /**
   * Looks at a name that the operator chose.
   *
   * @throws IllegalArgumentException if that is an internal topic of Kafka
   */
  public static void requireNotInternal(String topic) {
    if (OF_KAFKA.contains(topic)) {
      throw new IllegalArgumentException("'" + topic + "' is an internal topic of Kafka");
    }
  }

  /** The same template, where types cannot choose these topics. */
  public TopicTemplate reserving(Collection<String> names) {
    return new TopicTemplate(template, names);
  }

  /** A name as Kafka compares it with others. */
  public static String unified(String topic) {
    return topic.replace('.', '_');
  }

  /** Whether events without a type have no topic. */
  public boolean usesType() {
    return aroundTypes.size() > 1;
  }

  /** The topic of a stream's events of that type; without {@code ${type}} it is never refused. */
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
      return "would make its topic begin with '_', as internal topics do" + NEEDS_TEXT;
    }
    String taken = reserved.get(unified(name));
    if (taken != null) {
      return "would send it to '"
          + taken
          + "', which is an internal topic, the topic of dead letters, or collides with it"
          + NEEDS_TEXT
          + ", another than that topic has";
    }
    String before = used.putIfAbsent(unified(name), name);
    return before == null || before.equals(name)
        ? null
        : "would send it to a topic whose name differs from that of another stream's topic only in"
            + " '.' and '_', which Kafka refuses: put another character than these between"
            + " ${stream} and ${type} in the setting 'topic'";
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
