/* SPDX-License-Identifier: Apache-2.0 */
/** A real Redis, Kafka, Kafka Connect and schema registry on loopback, as child processes. */
@NullMarked
package io.claimstream.stack;

import org.jspecify.annotations.NullMarked;
