/* SPDX-License-Identifier: Apache-2.0 */
/** From the value of a Kafka record to the flat fields of a stream entry. */
@NullMarked
package io.claimstream.connect.sink.encode;

import org.jspecify.annotations.NullMarked;
