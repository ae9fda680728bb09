/** JMH benchmarks of the steps that every entry takes. */
@NullMarked
package io.claimstream.benchmarks;

import org.jspecify.annotations.NullMarked;
