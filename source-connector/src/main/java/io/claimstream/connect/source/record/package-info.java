/* SPDX-License-Identifier: Apache-2.0 */
/** Events as source records: topic, key, timestamp, partition and offset. */
@NullMarked
package io.claimstream.connect.source.record;

import org.jspecify.annotations.NullMarked;
