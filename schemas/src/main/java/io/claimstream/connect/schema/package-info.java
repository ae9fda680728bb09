/* SPDX-License-Identifier: Apache-2.0 */
/** Versioned Avro schemas of events, and what Connect makes of them. */
@NullMarked
package io.claimstream.connect.schema;

import org.jspecify.annotations.NullMarked;
