/** Tests of the evaluation of results. */
@NullMarked
package io.claimstream.benchmarks.throughput;

import org.jspecify.annotations.NullMarked;
