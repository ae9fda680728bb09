/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.nio.file.Path;
import java.util.Optional;

/** {@code ./quickstart show}: a claim of the run that is up. */
final class ShowClaim {

  private ShowClaim() {}

  /**
   * The claim, for the terminal.
   *
   * @param folder of the run
   * @param claim the one wanted; empty = the one of the latest event
   * @throws DemoException if no run is up there, or it has no such claim
   */
  static String text(Path folder, Optional<String> claim) {
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
    return lookup
        .find(wanted)
        .map(ClaimLookup::text)
        .orElseThrow(
            () ->
                new DemoException(
                    "no event of claim "
                        + wanted
                        + " is in Kafka; ./quickstart show without a claim takes the latest"));
  }
}
