/** Tests of the package of the same name. */
@NullMarked
package io.claimstream.connect.source.consumers;

import org.jspecify.annotations.NullMarked;
