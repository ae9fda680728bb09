/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.decode;

/** Under which version of its schema an event leaves. */
public enum VersionPolicy {
  /** The newest: older events are upgraded. */
  LATEST,
  /** The one it was written under. */
  AS_WRITTEN
}
