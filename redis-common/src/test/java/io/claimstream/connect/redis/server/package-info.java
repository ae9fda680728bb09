/** A real Redis server for tests, started from a binary on the class path. */
@NullMarked
package io.claimstream.connect.redis.server;

import org.jspecify.annotations.NullMarked;
