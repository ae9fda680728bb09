/** Tests that guard the allocation of each step. */
@NullMarked
package io.claimstream.benchmarks;

import org.jspecify.annotations.NullMarked;
