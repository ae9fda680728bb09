/* SPDX-License-Identifier: Apache-2.0 */
/** The demo: claim events through the real stack, with live metrics and checks. */
@NullMarked
package io.claimstream.quickstart.demo;

import org.jspecify.annotations.NullMarked;
