/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package io.claimstream.packaging.image;

import org.jspecify.annotations.NullMarked;
