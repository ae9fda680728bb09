/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.List;

/**
 * A comparison of two candidates.
 *
 * @param name the candidate whose results are divided
 * @param of the candidate by whose results they are divided
 * @param target the minimum ratio of their speeds; 0 = none
 */
record Comparison(String name, String of, double target) {
  static final List<Comparison> ALL =
      List.of(
          new Comparison("source-json-at-least-once", "other-source", 2.0),
          new Comparison("source-json", "other-source", 1.5),
          new Comparison("source-json-at-least-once", "ready-made-json-at-least-once", 0),
          new Comparison("source-json", "ready-made-json", 0.70),
          new Comparison("other-source", "ready-made-json-at-least-once", 0),
          new Comparison("source-avro", "ready-made-avro", 0.70),
          new Comparison("source-avro", "source-json", 1.0),
          new Comparison("source-avro", "source-avro-alone", 0),
          new Comparison("source-json", "raw-read", 0),
          new Comparison("sink-at-least-once", "other-sink", 2.0),
          new Comparison("sink-exactly-once", "other-sink", 2.0),
          new Comparison("sink-at-least-once", "counting", 0.55),
          new Comparison("sink-exactly-once", "sink-at-least-once", 0.90),
          new Comparison("sink-exactly-once", "counting", 0),
          new Comparison("other-sink", "counting", 0),
          new Comparison("sink-at-least-once", "raw-append", 0));
}
