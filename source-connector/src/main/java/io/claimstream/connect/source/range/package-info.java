/* SPDX-License-Identifier: Apache-2.0 */
/** The connector that reads ranges of streams without a consumer group. */
@NullMarked
package io.claimstream.connect.source.range;

import org.jspecify.annotations.NullMarked;
