/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import io.claimstream.connect.redis.client.Command;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides for each command that reaches the server whether something goes wrong with it. Called
 * under the server's lock, by one thread at a time.
 */
@FunctionalInterface
public interface FaultPlan {

  /** What goes wrong with this command, or null for nothing. */
  @Nullable Fault next(Command command);

  /** Nothing goes wrong. */
  static FaultPlan none() {
    return command -> null;
  }

  /** Hits one command only: the n-th, from 1, of those that match. */
  static FaultPlan once(int nth, Predicate<Command> matching, Fault fault) {
    int[] seen = {0};
    return command -> matching.test(command) && ++seen[0] == nth ? fault : null;
  }

  /** Hits every command that matches. */
  static FaultPlan always(Predicate<Command> matching, Fault fault) {
    return command -> matching.test(command) ? fault : null;
  }

  /** Hits each command with that probability, by one of the faults; the seed repeats a run. */
  static FaultPlan random(long seed, double probability, List<Fault> faults) {
    Random random = new Random(seed);
    return command ->
        random.nextDouble() < probability ? faults.get(random.nextInt(faults.size())) : null;
  }

  /** Commands of that name, for the predicates of plans. */
  static Predicate<Command> named(String name) {
    return command -> command.name().equals(name);
  }
}
