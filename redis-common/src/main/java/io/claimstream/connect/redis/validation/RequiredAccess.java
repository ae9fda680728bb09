/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.validation;

import io.claimstream.connect.redis.client.Command;
import java.util.List;

/**
 * A stream that a connector uses, and the permissions it needs there.
 *
 * @param setting the setting that contains the key
 * @param key the Redis key; must be a stream or not exist
 * @param probes commands that change nothing, one for each permission that the user needs: their
 *     replies are only searched for a refusal
 */
public record RequiredAccess(String setting, String key, List<Command> probes) {}
