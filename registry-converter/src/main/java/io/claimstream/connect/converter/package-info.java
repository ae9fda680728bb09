/* SPDX-License-Identifier: Apache-2.0 */

/** A converter that waits for a schema registry which is unavailable, around any published one. */
@NullMarked
package io.claimstream.connect.converter;

import org.jspecify.annotations.NullMarked;
