/* SPDX-License-Identifier: Apache-2.0 */
/** The settings that both connectors share, declared once, and what is made of them. */
@NullMarked
package io.claimstream.connect.redis.config;

import org.jspecify.annotations.NullMarked;
