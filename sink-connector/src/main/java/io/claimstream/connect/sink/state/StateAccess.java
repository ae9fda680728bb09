/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.state;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.validation.RequiredAccess;
import io.claimstream.connect.sink.SinkAccess;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys that the sink uses, with a probe for each permission it needs there. Probes change
 * nothing: each is malformed or names a key that never exists.
 */
final class StateAccess {
  private static final String NO_ONE = "__claimstream_probe__";

  private StateAccess() {}

  static List<RequiredAccess> of(StateSinkConfig config) {
    String key = config.keys().with(NO_ONE);
    String offsets = config.streams().offsets(config.keys().text()).key();
    List<Command> probes = new ArrayList<>(SinkAccess.exactlyOnce(key, offsets));
    probes.add(Command.of("DEL", key));
    List<RequiredAccess> keys = new ArrayList<>();
    switch (config.type()) {
      case HASH -> probes.add(Command.of("HSET", key, "", "", ""));
      case JSON_STRING -> probes.add(Command.of("SET", key, "", "none"));
      case JSON ->
          keys.add(
              new RequiredAccess(
                  StateSinkConfig.TYPE, key, List.of(Command.of("JSON.SET", key, "$", "{"))));
    }
    if (config.type() != StateType.JSON_STRING && config.ttl().isPresent()) {
      probes.add(Command.of("PEXPIRE", key, "none"));
    } else if (config.type() == StateType.JSON) {
      probes.add(Command.of("PERSIST", key));
    }
    keys.add(new RequiredAccess(StateSinkConfig.KEY, key, probes));
    keys.addAll(config.durability().access(key));
    keys.addAll(SinkAccess.failedStream(config));
    return keys;
  }
}
