/* SPDX-License-Identifier: Apache-2.0 */

/** A faster schema resolver for Apicurio's converter; loaded only where that converter is. */
@NullMarked
package io.claimstream.connect.converter.apicurio;

import org.jspecify.annotations.NullMarked;
