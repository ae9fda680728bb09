/** Guards of what the steps cost. */
@NullMarked
package io.claimstream.benchmarks;

import org.jspecify.annotations.NullMarked;
