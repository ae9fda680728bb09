/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import io.claimstream.it.InterruptibleProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What happens to the network between the worker and a server. */
final class NetworkFaults {
  private static final int LONGEST_MILLIS = 1_500;

  private final SoakServers servers;
  private final Random random;

  NetworkFaults(SoakServers servers, Random random) {
    this.servers = servers;
    this.random = random;
  }

  List<Fault> all() {
    List<Fault> all = new ArrayList<>(to("Redis", 5, servers.redisNetwork()));
    all.addAll(to("Kafka", 3, List.of(servers.kafkaNetwork())));
    return all;
  }

  private List<Fault> to(String server, int weight, List<InterruptibleProxy> ways) {
    String network = "network to " + server + ": ";
    return List.of(
        Fault.of(
            network + "cut",
            weight,
            LONGEST_MILLIS,
            () -> ways.forEach(InterruptibleProxy::interrupt),
            () -> ways.forEach(InterruptibleProxy::open)),
        Fault.of(
            network + "silent",
            weight,
            LONGEST_MILLIS,
            () -> ways.forEach(way -> way.silence(true)),
            () -> ways.forEach(way -> way.silence(false))),
        Fault.of(
            network + "slow",
            weight,
            LONGEST_MILLIS,
            () -> delay(ways, Duration.ofMillis(20 + random.nextInt(200))),
            () -> delay(ways, Duration.ZERO)));
  }

  private static void delay(List<InterruptibleProxy> ways, Duration by) {
    ways.forEach(way -> way.delay(by));
  }
}
