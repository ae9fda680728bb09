/* SPDX-License-Identifier: Apache-2.0 */
/** Code that both connectors share. */
@NullMarked
package io.claimstream.connect.redis;

import org.jspecify.annotations.NullMarked;
