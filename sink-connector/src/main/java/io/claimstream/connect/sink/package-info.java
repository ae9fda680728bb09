/* SPDX-License-Identifier: Apache-2.0 */
/** Kafka to Redis Streams: the classes that Connect starts, and their wiring. */
@NullMarked
package io.claimstream.connect.sink;

import org.jspecify.annotations.NullMarked;
