/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import io.claimstream.quickstart.dashboard.DashboardSources.Latency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Stream;

/**
 * The most important metrics over all tasks at one moment. NaN is unknown; a sum with an unknown
 * part is unknown, too.
 *
 * @param time the time, in milliseconds since the epoch
 * @param produced records produced to Kafka, per second
 * @param written entries written to Redis, per second
 * @param errors errors of every kind, per second
 * @param errorShare errors per entry read or record written
 * @param lag entries that the groups have not read
 * @param pending entries that are read and not acknowledged
 * @param readMillis average time of a read
 * @param ackMillis average time from Kafka's acknowledgement to the acknowledgement in Redis
 * @param writeMillis average time that a write to Redis blocks a task
 * @param eventMillis average age of an event when it is read
 * @param latencyP50 median latency from an event's entry in Redis to the read of its record
 * @param latencyP99 99th percentile of that latency
 * @param streamLength entries in the source streams
 * @param targetLength entries in the sink streams
 * @param deadLetters dead letters since the tasks started, those of converters included
 * @param breaker 0 closed, 1 half open, 2 open: the highest of all tasks
 * @param memoryRatio fraction of Redis' memory limit: the highest of all servers
 */
record Headlines(
    long time,
    double produced,
    double written,
    double errors,
    double errorShare,
    double lag,
    double pending,
    double readMillis,
    double ackMillis,
    double writeMillis,
    double eventMillis,
    double latencyP50,
    double latencyP99,
    double streamLength,
    double targetLength,
    double deadLetters,
    double breaker,
    double memoryRatio) {

  /**
   * Computes the metrics of a moment.
   *
   * @param before the previous moment, for rates; the same as {@code now} if there is none
   */
  static Headlines of(Moment now, Moment before, Latency latency) {
    double seconds = (now.time() - before.time()) / 1000.0;
    double read = rate(now, before, seconds, "entries-read-total");
    double written = rate(now, before, seconds, "records-written-total");
    double errors =
        Stream.of("errors-outage-total", "errors-record-total", "errors-configuration-total")
            .mapToDouble(name -> rate(now, before, seconds, name))
            .filter(rate -> !Double.isNaN(rate))
            .reduce(Double::sum)
            .orElse(Double.NaN);
    List<TaskFigures> sources = now.tasks().stream().filter(TaskFigures::isSource).toList();
    List<TaskFigures> sinks = now.tasks().stream().filter(task -> !task.isSource()).toList();
    return new Headlines(
        now.time(),
        rate(now, before, seconds, "records-produced-total"),
        written,
        errors,
        errorShare(errors, known(read) + known(written)),
        over(sources, "group-lag", Double::sum),
        over(sources, "pending-entries", Double::sum),
        over(sources, "read-latency-avg", Math::max),
        over(sources, "ack-latency-avg", Math::max),
        over(sinks, "write-latency-avg", Math::max),
        over(sources, "event-time-lag-avg", Math::max),
        latency.p50(),
        latency.p99(),
        over(sources, "stream-length", Double::sum),
        over(sinks, "stream-length", Double::sum),
        deadLetters(now),
        over(now.tasks(), "breaker-state", Math::max),
        over(now.tasks(), "redis-memory-ratio", Math::max));
  }

  /**
   * The metrics of all tasks at one moment.
   *
   * @param queued records that Connect has sent to the dead letter queue of each task
   */
  record Moment(long time, List<TaskFigures> tasks, Map<TaskName, Double> queued) {}

  /** Adds up the tasks' dead letters. Connect's queue holds those of the sink itself, too. */
  private static double deadLetters(Moment now) {
    Map<TaskName, Double> own = new HashMap<>();
    for (TaskFigures task : now.tasks()) {
      own.merge(task.name(), task.value("dead-letters-total"), Double::sum);
    }
    Map<TaskName, Double> all = new HashMap<>(now.queued());
    own.forEach((task, count) -> all.merge(task, count, Math::max));
    return all.values().stream().reduce(Double::sum).orElse(Double.NaN);
  }

  private static double over(List<TaskFigures> tasks, String name, DoubleBinaryOperator both) {
    return tasks.stream().mapToDouble(task -> task.value(name)).reduce(both).orElse(Double.NaN);
  }

  private static double errorShare(double errors, double handled) {
    if (errors == 0 || Double.isNaN(errors)) {
      return errors;
    }
    return handled == 0 ? 1 : Math.min(1, errors / handled);
  }

  private static double known(double value) {
    return Double.isNaN(value) ? 0 : value;
  }

  /**
   * Returns the increase of the tasks' counters per second; a counter that fell has restarted at 0.
   */
  private static double rate(Moment now, Moment before, double seconds, String name) {
    double risen = Double.NaN;
    for (TaskFigures task : now.tasks()) {
      if (task.values().containsKey(name)) {
        double total = task.value(name);
        double then = before(before, task, name);
        risen = known(risen) + (total < then ? total : total - then);
      }
    }
    return seconds > 0 ? risen / seconds : Double.NaN;
  }

  private static double before(Moment before, TaskFigures task, String name) {
    return before.tasks().stream()
        .filter(
            one ->
                one.connector().equals(task.connector())
                    && one.task().equals(task.task())
                    && one.stream().equals(task.stream())
                    && one.group().equals(task.group()))
        .mapToDouble(one -> known(one.value(name)))
        .findFirst()
        .orElse(0);
  }
}
