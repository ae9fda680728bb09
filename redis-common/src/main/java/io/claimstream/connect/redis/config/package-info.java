/* SPDX-License-Identifier: Apache-2.0 */
/** Settings that both connectors share. */
@NullMarked
package io.claimstream.connect.redis.config;

import org.jspecify.annotations.NullMarked;
