/* SPDX-License-Identifier: Apache-2.0 */
/** Credentials that change while a connector runs. */
@NullMarked
package io.claimstream.connect.redis.credentials;

import org.jspecify.annotations.NullMarked;
