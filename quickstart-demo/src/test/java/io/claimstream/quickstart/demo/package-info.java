/* SPDX-License-Identifier: Apache-2.0 */
/** What the demo counts, compares and understands, without any server. */
@NullMarked
package io.claimstream.quickstart.demo;

import org.jspecify.annotations.NullMarked;
