/** Both connectors for a long time under a mix of faults, with every id checked end to end. */
@NullMarked
package io.claimstream.it.soak;

import org.jspecify.annotations.NullMarked;
