/* SPDX-License-Identifier: Apache-2.0 */
/** Source records of events: topic, key, timestamp, partition and offset. */
@NullMarked
package io.claimstream.connect.source.record;

import org.jspecify.annotations.NullMarked;
