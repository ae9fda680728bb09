/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.stack.LocalServer;
import io.claimstream.stack.LocalStack;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Restarts a server that has stopped, for any reason. */
final class Supervisor implements BackgroundTask.Body {
  private static final Duration PERIOD = Duration.ofMillis(250);

  /* Long enough for Ctrl-C, which may reach the servers before this JVM. */
  private static final long GRACE_NANOS = Duration.ofSeconds(2).toNanos();

  private final Map<String, LocalServer> servers = new LinkedHashMap<>();
  private final Set<LocalServer> heldDown = ConcurrentHashMap.newKeySet();
  private final Terminal terminal;

  Supervisor(LocalStack stack, Terminal terminal) {
    servers.put("Redis", stack.redis());
    servers.put("Kafka", stack.kafka());
    servers.put("The schema registry", stack.registry());
    servers.put("Connect", stack.connect());
    this.terminal = terminal;
  }

  /** Ignores a server that is down on purpose. */
  void holdDown(LocalServer server) {
    heldDown.add(server);
  }

  /** Watches the server again. */
  void release(LocalServer server) {
    heldDown.remove(server);
  }

  @Override
  public void run(BackgroundTask.Stop stop) throws InterruptedException {
    Map<String, Long> endedAt = new HashMap<>();
    while (!stop.isAsked()) {
      for (Map.Entry<String, LocalServer> server : servers.entrySet()) {
        String name = server.getKey();
        if (heldDown.contains(server.getValue()) || server.getValue().isAlive()) {
          endedAt.remove(name);
        } else if (System.nanoTime() - endedAt.computeIfAbsent(name, ended -> System.nanoTime())
            > GRACE_NANOS) {
          endedAt.remove(name);
          terminal.alert(name + " has stopped; restarting it");
          server.getValue().restart();
        }
      }
      stop.await(PERIOD);
    }
  }
}
