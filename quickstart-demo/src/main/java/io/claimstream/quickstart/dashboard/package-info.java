/* SPDX-License-Identifier: Apache-2.0 */
/** One page with live charts of the connectors' metrics, read from the worker over JMX. */
@NullMarked
package io.claimstream.quickstart.dashboard;

import org.jspecify.annotations.NullMarked;
