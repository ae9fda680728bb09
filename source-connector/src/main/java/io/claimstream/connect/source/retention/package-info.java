/* SPDX-License-Identifier: Apache-2.0 */
/** Trimming of the streams that are read, after every consumer group has acknowledged an entry. */
@NullMarked
package io.claimstream.connect.source.retention;

import org.jspecify.annotations.NullMarked;
