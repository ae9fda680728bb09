/* SPDX-License-Identifier: Apache-2.0 */
/** What becomes of a record that cannot be appended. */
@NullMarked
package io.claimstream.connect.sink.error;

import org.jspecify.annotations.NullMarked;
