/* SPDX-License-Identifier: Apache-2.0 */
/** Handling of records that cannot be appended. */
@NullMarked
package io.claimstream.connect.sink.error;

import org.jspecify.annotations.NullMarked;
