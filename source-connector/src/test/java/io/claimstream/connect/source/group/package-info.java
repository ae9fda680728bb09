/** Tests of the package of the same name. */
@NullMarked
package io.claimstream.connect.source.group;

import org.jspecify.annotations.NullMarked;
