/* SPDX-License-Identifier: Apache-2.0 */
/** Decoding of entries into typed events with versioned schemas. */
@NullMarked
package io.claimstream.connect.source.decode;

import org.jspecify.annotations.NullMarked;
