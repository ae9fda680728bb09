/* SPDX-License-Identifier: Apache-2.0 */
/** Validation of the settings against a live server. */
@NullMarked
package io.claimstream.connect.redis.validation;

import org.jspecify.annotations.NullMarked;
