/* SPDX-License-Identifier: Apache-2.0 */
/** Versioned Avro schemas of events, and their conversion to Connect. */
@NullMarked
package io.claimstream.connect.schema;

import org.jspecify.annotations.NullMarked;
