/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.args.Rawable;

/**
 * A command in Jedis' wire format without an object for each argument: a batch of entries has tens
 * of thousands.
 */
final class WireArguments extends CommandArguments {
  private final byte[] name;
  private final List<byte[]> arguments;

  private WireArguments(byte[] name, List<byte[]> arguments) {
    super(() -> name);
    this.name = name;
    this.arguments = arguments;
  }

  static WireArguments of(Command command) {
    return new WireArguments(
        command.name().getBytes(StandardCharsets.US_ASCII), command.arguments());
  }

  @Override
  public int size() {
    return 1 + arguments.size();
  }

  @Override
  public Iterator<Rawable> iterator() {
    return new Words();
  }

  /** An iterator that returns itself as the current argument. */
  private final class Words implements Iterator<Rawable>, Rawable {
    private int next;

    @Override
    public boolean hasNext() {
      return next < size();
    }

    @Override
    public Rawable next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      next++;
      return this;
    }

    @Override
    public byte[] getRaw() {
      return next == 1 ? name : arguments.get(next - 2);
    }
  }
}
