/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package io.claimstream.quickstart.dashboard;

import org.jspecify.annotations.NullMarked;
