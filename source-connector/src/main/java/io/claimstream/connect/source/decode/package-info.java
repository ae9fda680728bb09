/* SPDX-License-Identifier: Apache-2.0 */
/** What an entry's fields mean: typed events, by versioned schemas. */
@NullMarked
package io.claimstream.connect.source.decode;

import org.jspecify.annotations.NullMarked;
