/* SPDX-License-Identifier: Apache-2.0 */
/** Read models: the latest state of each key, as a hash or as JSON, exactly once. */
@NullMarked
package io.claimstream.connect.sink.state;

import org.jspecify.annotations.NullMarked;
