/* SPDX-License-Identifier: Apache-2.0 */
/** Which entries Kafka has, so that only those are acknowledged. */
@NullMarked
package io.claimstream.connect.source.ack;

import org.jspecify.annotations.NullMarked;
