/* SPDX-License-Identifier: Apache-2.0 */
/** Appends to streams and checks every reply. */
@NullMarked
package io.claimstream.connect.sink.write;

import org.jspecify.annotations.NullMarked;
