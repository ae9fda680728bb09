/* SPDX-License-Identifier: Apache-2.0 */

/** A converter around any published one that waits while its schema registry is unavailable. */
@NullMarked
package io.claimstream.connect.converter;

import org.jspecify.annotations.NullMarked;
