/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package io.claimstream.connect.converter;

import org.jspecify.annotations.NullMarked;
