/* SPDX-License-Identifier: Apache-2.0 */
/** Tests of the package of the same name. */
@NullMarked
package io.claimstream.connect.source.replay;

import org.jspecify.annotations.NullMarked;
