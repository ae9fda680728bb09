/* SPDX-License-Identifier: Apache-2.0 */
/** Reading a stream through a consumer group, fenced, and recovering what was left pending. */
@NullMarked
package io.claimstream.connect.source.read;

import org.jspecify.annotations.NullMarked;
