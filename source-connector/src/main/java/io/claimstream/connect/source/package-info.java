/* SPDX-License-Identifier: Apache-2.0 */
/** The source connector: a Redis stream, read through a consumer group, into Kafka topics. */
@NullMarked
package io.claimstream.connect.source;

import org.jspecify.annotations.NullMarked;
