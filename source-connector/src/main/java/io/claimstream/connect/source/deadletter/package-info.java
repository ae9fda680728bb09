/* SPDX-License-Identifier: Apache-2.0 */
/** Dead letters: entries that cannot be processed, kept in a separate stream or topic. */
@NullMarked
package io.claimstream.connect.source.deadletter;

import org.jspecify.annotations.NullMarked;
