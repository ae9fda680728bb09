/** JMH benchmarks of the steps that process every entry. */
@NullMarked
package io.claimstream.benchmarks;

import org.jspecify.annotations.NullMarked;
