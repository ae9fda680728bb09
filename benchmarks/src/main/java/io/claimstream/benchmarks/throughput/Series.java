/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The results of one candidate: in each of its workers, one run after the other. */
final class Series {
  private final String name;
  private final List<List<Measurement>> workers = new ArrayList<>();

  Series(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  void add(List<Measurement> worker) {
    workers.add(List.copyOf(worker));
  }

  List<List<Measurement>> workers() {
    return workers;
  }

  /** Returns the records per second of the first run of each worker. */
  Statistics cold() {
    return Statistics.of(workers.stream().map(runs -> runs.get(0).perSecond()).toList());
  }

  /**
   * Returns the records per second of each worker: the median of the second half of its runs. In
   * the runs before, the compiler competes with the connectors for the cores.
   */
  Statistics warm() {
    return Statistics.of(warm(Measurement::perSecond));
  }

  /** Returns the seconds of the worker's CPU per million records, warm. */
  Statistics cpuPerMillion() {
    return Statistics.of(warm(Measurement::cpuPerMillion));
  }

  /**
   * Returns the speed of each worker divided by that of the other candidate's adjacent worker,
   * warm.
   */
  Statistics speedOf(Series other) {
    return ratio(warm(Measurement::perSecond), other.warm(Measurement::perSecond));
  }

  /** Returns the same ratio for the worker's CPU per record. */
  Statistics cpuOf(Series other) {
    return ratio(warm(Measurement::cpuPerMillion), other.warm(Measurement::cpuPerMillion));
  }

  private static Statistics ratio(List<Double> these, List<Double> those) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(these.size(), those.size()); i++) {
      ratios.add(these.get(i) / those.get(i));
    }
    return Statistics.of(ratios);
  }

  private List<Double> warm(ToDoubleFunction<Measurement> value) {
    return workers.stream()
        .map(runs -> runs.subList(runs.size() / 2, runs.size()))
        .map(runs -> Statistics.of(runs.stream().map(value::applyAsDouble).toList()).median())
        .toList();
  }
}
