/** Tests that the documentation says what the code does. */
@NullMarked
package io.claimstream.docs;

import org.jspecify.annotations.NullMarked;
