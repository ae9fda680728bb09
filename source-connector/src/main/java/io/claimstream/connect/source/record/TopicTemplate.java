/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.record;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Makes an event's topic from its stream and type. Used by one thread.
 *
 * @see <a href="https://kafka.apache.org/documentation/#topicconfigs">Kafka's topics</a>
 */
public final class TopicTemplate {
  private static final String STREAM = "${stream}";
  private static final String TYPE = "${type}";
  private static final Pattern ILLEGAL = Pattern.compile("[^a-zA-Z0-9._-]");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{[^}]*}");
  private static final int LONGEST = 249;
  private static final int REMEMBERED = 1_000;

  private record Event(String stream, String type) {}

  private final String template;
  private final boolean usesType;
  // types come from the data: what is remembered of them must not grow without end
  private final Map<Event, String> topics =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Event, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  private TopicTemplate(String template) {
    this.template = template;
    this.usesType = template.contains(TYPE);
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException if it is empty or uses an unknown variable
   */
  public static TopicTemplate parse(String template) {
    String trimmed = template.trim();
    String fixed = trimmed.replace(STREAM, "").replace(TYPE, "");
    if (trimmed.isEmpty()) {
      throw new IllegalArgumentException("is empty");
    }
    if (VARIABLE.matcher(fixed).find()) {
      throw new IllegalArgumentException("knows only ${stream} and ${type}");
    }
    return new TopicTemplate(trimmed);
  }

  /** Whether events without a type have no topic. */
  public boolean usesType() {
    return usesType;
  }

  /** The topic's name: legal for Kafka whatever the stream and type are. */
  public String topic(String stream, String type) {
    return topics.computeIfAbsent(new Event(stream, usesType ? type : ""), this::fill);
  }

  private String fill(Event event) {
    String name = template.replace(STREAM, event.stream()).replace(TYPE, event.type());
    String legal = ILLEGAL.matcher(name).replaceAll(".");
    if (legal.equals(".") || legal.equals("..")) {
      return legal.replace('.', '_');
    }
    return legal.length() > LONGEST ? legal.substring(0, LONGEST) : legal;
  }
}
