/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

import io.claimstream.connect.redis.client.Command;
import java.util.List;

/**
 * A stream that a connector is going to use, and what it will ask of Redis there.
 *
 * @param setting the setting that names the key
 * @param key the Redis key; must be a stream, or not there yet
 * @param probes commands that change nothing, one for each right the user needs: their replies are
 *     looked through for a refusal and are of no other interest
 */
public record RequiredAccess(String setting, String key, List<Command> probes) {}
