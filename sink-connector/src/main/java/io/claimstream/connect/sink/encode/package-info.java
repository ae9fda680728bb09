/* SPDX-License-Identifier: Apache-2.0 */
/** Encoding of a Kafka record's value as the flat fields of a stream entry. */
@NullMarked
package io.claimstream.connect.sink.encode;

import org.jspecify.annotations.NullMarked;
