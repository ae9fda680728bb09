/* SPDX-License-Identifier: Apache-2.0 */
/** The dead letter stream that both connectors share. */
@NullMarked
package io.claimstream.connect.redis.deadletter;

import org.jspecify.annotations.NullMarked;
