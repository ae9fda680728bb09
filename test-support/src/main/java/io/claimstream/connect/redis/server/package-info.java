/** A real Redis server for unit tests, with Redis' defaults and without persistence. */
@NullMarked
package io.claimstream.connect.redis.server;

import org.jspecify.annotations.NullMarked;
