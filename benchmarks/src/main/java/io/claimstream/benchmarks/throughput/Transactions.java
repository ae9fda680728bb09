/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import java.util.HashMap;
import java.util.Map;

/** In which transactions a source produces, and the worker that this needs. */
enum Transactions {
  /** A worker with exactly-once support; boundaries as {@code --boundary} says. */
  BY_CONNECT("") {
    @Override
    Map<String, String> source(Options options) {
      Map<String, String> settings = new HashMap<>(options.boundary().settings());
      settings.put("exactly.once.support", "required");
      return settings;
    }
  },
  /** A worker without exactly-once support. */
  NONE("-at-least-once") {
    @Override
    Map<String, String> source(Options options) {
      return Map.of();
    }

    @Override
    Map<String, String> worker() {
      return Map.of("exactly.once.source.support", "disabled");
    }
  };

  private final String suffix;

  Transactions(String suffix) {
    this.suffix = suffix;
  }

  /** Returns the end of a candidate's name. */
  String suffix() {
    return suffix;
  }

  /** Returns settings of the connector. */
  abstract Map<String, String> source(Options options);

  /** Returns properties of the worker. */
  Map<String, String> worker() {
    return Map.of();
  }
}
