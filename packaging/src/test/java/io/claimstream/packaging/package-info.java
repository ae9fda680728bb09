/** Tests of the plugin zip. */
@NullMarked
package io.claimstream.packaging;

import org.jspecify.annotations.NullMarked;
