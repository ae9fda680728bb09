/* SPDX-License-Identifier: Apache-2.0 */

/** What makes Apicurio's converter fast; loaded only where that converter is. */
@NullMarked
package io.claimstream.connect.converter.apicurio;

import org.jspecify.annotations.NullMarked;
