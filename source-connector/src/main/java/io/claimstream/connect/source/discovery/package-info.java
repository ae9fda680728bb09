/* SPDX-License-Identifier: Apache-2.0 */
/** Streams that a pattern finds, while the connector runs. */
@NullMarked
package io.claimstream.connect.source.discovery;

import org.jspecify.annotations.NullMarked;
