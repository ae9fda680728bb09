/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import java.time.Duration;

/**
 * Something that goes wrong, and must lose and double nothing. Used by one thread: first {@link
 * #inject}, some time later {@link #heal}.
 */
interface Fault {
  /** What it is, in the table. */
  String kind();

  /** How often it comes, in relation to the others. */
  int weight();

  /** The longest time between the two steps. */
  Duration longest();

  /** Whether the worker's process ends, and with it what its memory shows. */
  boolean endsWorker();

  /** Breaks something. */
  void inject();

  /** Puts it right. Time to recover begins with this. */
  void heal();

  /** Returns when the servers, not the connectors, are as they were before. */
  void settle();

  /** A fault of two actions. */
  static Fault of(String kind, int weight, int longestMillis, Runnable inject, Runnable heal) {
    return of(kind, weight, longestMillis, inject, heal, () -> {});
  }

  /** A fault of two actions, after which something has to come back that nobody waits for. */
  static Fault of(
      String kind, int weight, int longestMillis, Runnable inject, Runnable heal, Runnable settle) {
    return new Simple(kind, weight, Duration.ofMillis(longestMillis), false, inject, heal, settle);
  }

  /** A fault that puts itself right. */
  static Fault passing(String kind, int weight, Runnable action) {
    return of(kind, weight, 0, () -> {}, action);
  }

  /** A fault made of its actions. */
  record Simple(
      String kind,
      int weight,
      Duration longest,
      boolean endsWorker,
      Runnable breaking,
      Runnable healing,
      Runnable settling)
      implements Fault {
    @Override
    public void inject() {
      breaking.run();
    }

    @Override
    public void heal() {
      healing.run();
    }

    @Override
    public void settle() {
      settling.run();
    }
  }
}
