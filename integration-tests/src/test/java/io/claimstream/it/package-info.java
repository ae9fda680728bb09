/** Tests of the whole product on real servers. */
@NullMarked
package io.claimstream.it;

import org.jspecify.annotations.NullMarked;
