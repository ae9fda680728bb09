/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The other consumers of a group: further ones of this connector on the same stream, its former
 * ones, and those of other programs. A connector that reads each stream with one consumer uses none
 * of it but {@link io.claimstream.connect.source.consumers.StreamConsumers}, which then changes
 * nothing.
 */
@NullMarked
package io.claimstream.connect.source.consumers;

import org.jspecify.annotations.NullMarked;
