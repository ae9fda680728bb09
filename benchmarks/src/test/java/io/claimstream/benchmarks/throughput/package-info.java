/** What the harness makes of its figures. */
@NullMarked
package io.claimstream.benchmarks.throughput;

import org.jspecify.annotations.NullMarked;
