/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each command that reaches the server whether a fault occurs. Called under the
 * server's lock, by one thread at a time.
 */
@FunctionalInterface
public interface FaultPlan {

  /** Returns the fault of this command, or null for none. */
  @Nullable Fault next(Command command);

  /** No faults. */
  static FaultPlan none() {
    return command -> null;
  }

  /** Affects a single command: the n-th matching one, from 1. */
  static FaultPlan once(int nth, Predicate<Command> matching, Fault fault) {
    int[] seen = {0};
    return command -> matching.test(command) && ++seen[0] == nth ? fault : null;
  }

  /** Affects every matching command. */
  static FaultPlan always(Predicate<Command> matching, Fault fault) {
    return command -> matching.test(command) ? fault : null;
  }

  /**
   * Affects each command with that probability, by one of the faults; the seed makes runs
   * repeatable.
   */
  static FaultPlan random(long seed, double probability, List<Fault> faults) {
    Random random = new Random(seed);
    return command ->
        random.nextDouble() < probability ? faults.get(random.nextInt(faults.size())) : null;
  }

  /** Matches commands with that name. */
  static Predicate<Command> named(String name) {
    return command -> command.name().equals(name);
  }
}
