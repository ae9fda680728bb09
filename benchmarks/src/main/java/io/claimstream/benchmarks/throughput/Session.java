/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.benchmarks.baseline.ClaimEntries;
import java.util.concurrent.atomic.AtomicInteger;

/** State that all measurements of one session share. Used by one thread. */
final class Session implements AutoCloseable {
  static final String STREAM = "claims:events";

  private final Options options;
  private final Servers servers;
  private final Streams streams;
  private final AtomicInteger names = new AtomicInteger();
  private long filled;

  Session(Options options, Servers servers) {
    this.options = options;
    this.servers = servers;
    this.streams = new Streams(servers.redis().uri());
  }

  Options options() {
    return options;
  }

  Servers servers() {
    return servers;
  }

  Streams streams() {
    return streams;
  }

  /** Returns a name that is unique in this session. */
  String unique(String what) {
    return what + "-" + names.incrementAndGet();
  }

  /** Returns the stream of claim events, with that many usual entries. */
  String stream(long entries) {
    if (filled != entries) {
      streams.remove(STREAM);
      streams.fill(STREAM, entries, ClaimEntries.usual());
      filled = entries;
    }
    return STREAM;
  }

  TopicLog topic(String what) {
    return TopicLog.create(servers.kafka().bootstrapServers(), unique(what), options.partitions());
  }

  @Override
  public void close() {
    streams.close();
  }
}
