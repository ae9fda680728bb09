/* SPDX-License-Identifier: Apache-2.0 */
/** Tests of the package of the same name. */
@NullMarked
package io.claimstream.connect.source.discovery;

import org.jspecify.annotations.NullMarked;
