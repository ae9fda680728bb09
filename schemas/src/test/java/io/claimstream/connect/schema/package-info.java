/** Tests of the schemas and of what Connect makes of them. */
@NullMarked
package io.claimstream.connect.schema;

import org.jspecify.annotations.NullMarked;
