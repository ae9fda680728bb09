/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** Schema version of emitted events. */
public enum VersionPolicy {
  /** The latest version: older events are upgraded. */
  LATEST,
  /** The version that the event was written with. */
  AS_WRITTEN
}
