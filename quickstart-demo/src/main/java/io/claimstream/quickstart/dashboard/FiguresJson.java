/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.quickstart.dashboard.Headlines.Moment;
import java.lang.reflect.RecordComponent;
import java.util.List;

/** The page's metrics as JSON; an unknown value is null. */
final class FiguresJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private FiguresJson() {}

  static String of(Sampler.View view, long now) {
    ObjectNode json = JSON.createObjectNode();
    json.put("now", now);
    json.put("answering", view.answering());
    Moment moment = view.moment();
    json.put("read", moment == null ? null : moment.time());
    ArrayNode tasks = json.putArray("tasks");
    for (TaskFigures task : moment == null ? List.<TaskFigures>of() : moment.tasks()) {
      ObjectNode one = tasks.addObject();
      one.put("connector", task.connector());
      one.put("task", task.task());
      one.put("stream", task.stream());
      one.put("group", task.group());
      ObjectNode values = one.putObject("values");
      task.values().forEach((name, value) -> put(values, name, value));
    }
    ArrayNode history = json.putArray("history");
    view.history().forEach(point -> add(history.addObject(), point));
    return json.toString();
  }

  private static void add(ObjectNode json, Headlines point) {
    for (RecordComponent component : Headlines.class.getRecordComponents()) {
      try {
        Object value = component.getAccessor().invoke(point);
        if (value instanceof Long time) {
          json.put(component.getName(), time);
        } else if (value instanceof Double figure) {
          put(json, component.getName(), figure);
        }
      } catch (ReflectiveOperationException impossible) {
        throw new LinkageError("cannot read a metric", impossible);
      }
    }
  }

  private static void put(ObjectNode json, String name, double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      json.putNull(name);
    } else {
      json.put(name, value);
    }
  }
}
