/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** {@code ./quickstart show}: prints a claim of the running quickstart. */
final class ShowClaim {

  private ShowClaim() {}

  /**
   * Returns the claim's text for the terminal.
   *
   * @param folder the folder of the run
   * @param claim the claim to show; empty = the claim of the latest event
   * @param asOf the instant whose state to show; empty = everything about the claim as it is now
   * @throws DemoException if no quickstart is running there, or it has no such claim
   */
  static String text(Path folder, Optional<String> claim, Optional<Instant> asOf) {
    if (!RunDirectory.isInUse(folder)) {
      throw new DemoException(
          "no quickstart is running in " + folder + "; start ./quickstart in another terminal");
    }
    Addresses addresses =
        Addresses.read(folder)
            .orElseThrow(() -> new DemoException("the quickstart is still starting; try again"));
    ClaimLookup lookup = new ClaimLookup(addresses);
    String wanted =
        claim
            .or(lookup::latest)
            .orElseThrow(() -> new DemoException("there is no event yet; try again"));
    if (asOf.isPresent()) {
      return ClaimAsOf.text(new ClaimAsOf(addresses).find(wanted, asOf.get()));
    }
    return lookup
        .find(wanted)
        .map(ClaimLookup::text)
        .orElseThrow(
            () ->
                new DemoException(
                    "Kafka contains no event of claim "
                        + wanted
                        + "; ./quickstart show without a claim shows the latest one"));
  }
}
