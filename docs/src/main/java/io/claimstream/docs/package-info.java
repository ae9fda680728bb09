/** Generates the configuration reference. */
@NullMarked
package io.claimstream.docs;

import org.jspecify.annotations.NullMarked;
