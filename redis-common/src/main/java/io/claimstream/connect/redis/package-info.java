/* SPDX-License-Identifier: Apache-2.0 */
/** What both connectors share. */
@NullMarked
package io.claimstream.connect.redis;

import org.jspecify.annotations.NullMarked;
