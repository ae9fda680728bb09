/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import io.claimstream.quickstart.dashboard.DashboardSources.Latency;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.Stream;

/**
 * The figures to look at first, over all tasks at one moment. NaN is unknown: a sum with an unknown
 * part is unknown, too.
 *
 * @param time when, in milliseconds of the epoch
 * @param produced records that reached Kafka, per second
 * @param written entries that reached Redis, per second
 * @param errors of every kind, per second
 * @param errorShare errors for each entry read or record written
 * @param lag entries of the streams that the groups have not read
 * @param pending entries read and not acknowledged
 * @param readMillis average time of a read
 * @param ackMillis average time from Kafka's confirmation to Redis' acknowledgement
 * @param writeMillis average time that a write to Redis holds a task up
 * @param eventMillis average age of an event when it was read
 * @param latencyP50 from an event's entry in Redis to the read of its record: half took at most
 *     that
 * @param latencyP99 99 of 100 took at most that
 * @param streamLength entries of the sources' streams
 * @param targetLength entries of the sinks' streams
 * @param deadLetters since the tasks started
 * @param breaker 0 closed, 1 half open, 2 open: the worst of all
 * @param memoryRatio share of Redis' memory limit: the worst of all
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
   * The figures of a moment.
   *
   * @param before the moment before, for what is per second; the same as {@code now} if there is
   *     none
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
        over(now.tasks(), "dead-letters-total", Double::sum),
        over(now.tasks(), "breaker-state", Math::max),
        over(now.tasks(), "redis-memory-ratio", Math::max));
  }

  /** What all tasks told at one moment. */
  record Moment(long time, List<TaskFigures> tasks) {}

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

  /** By how much the counters of the tasks rose, per second; one that fell began again at 0. */
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
