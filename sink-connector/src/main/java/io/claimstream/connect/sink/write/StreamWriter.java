/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.sink.write;

import io.claimstream.connect.redis.client.Command;
import io.claimstream.connect.redis.client.ErrorReply;
import io.claimstream.connect.redis.error.RedisErrors;
import io.claimstream.connect.redis.error.RedisOutageException;
import io.claimstream.connect.sink.metrics.SinkMetrics;
import io.claimstream.connect.sink.write.WriteOutcome.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Appends by pipelined {@code XADD}. Used by the task's thread only. */
public final class StreamWriter {
  private static final byte[] NEXT_ID = {'*'};

  private final StreamConnections connections;
  private final Retention retention;
  private final SinkMetrics metrics;

  /** Creates a writer over those connections. */
  public StreamWriter(StreamConnections connections, Retention retention, SinkMetrics metrics) {
    this.connections = connections;
    this.retention = retention;
    this.metrics = metrics;
  }

  /** Sends appends to one stream, in the given order. */
  public Sent send(String stream, List<StreamAppend> appends) {
    List<Command> trims = retention.trims(stream);
    byte[] key = stream.getBytes(StandardCharsets.UTF_8);
    List<Command> commands = new ArrayList<>(appends.size() + trims.size());
    for (StreamAppend append : appends) {
      commands.add(Command.of("XADD", key, NEXT_ID).addAll(append.fields()));
    }
    commands.addAll(trims);
    PipelinedWrite write = PipelinedWrite.send(connections, stream, commands);
    return new Sent(stream, appends, trims.size(), write);
  }

  /** Appends in flight. */
  public final class Sent {
    private final String stream;
    private final List<StreamAppend> appends;
    private final int trims;
    private final PipelinedWrite write;

    private Sent(String stream, List<StreamAppend> appends, int trims, PipelinedWrite write) {
      this.stream = stream;
      this.appends = appends;
      this.trims = trims;
      this.write = write;
    }

    /**
     * Waits for the replies.
     *
     * @param outcomes receives one outcome per append, in order
     * @throws org.apache.kafka.connect.errors.ConnectException if the task must stop: the Redis
     *     user may not connect, or may not trim the stream
     */
    public void receive(List<WriteOutcome> outcomes) {
      long begin = System.nanoTime();
      int received = 0;
      int written = 0;
      boolean isOut = false;
      try {
        for (; received < appends.size(); received++) {
          // one by one: appends with a reply before the connection broke are in the stream
          WriteOutcome outcome = outcome(appends.get(received), write.receive(1).get(0));
          outcomes.add(outcome);
          written += outcome.kind() == Kind.WRITTEN ? 1 : 0;
          isOut |= outcome.kind() == Kind.UNAVAILABLE;
        }
        metrics
            .of(stream)
            .wrote(
                write.sending().plusNanos(System.nanoTime() - begin),
                appends.get(received - 1).record().timestamp());
        List<@Nullable Object> trimmed = write.receive(trims);
        if (written == appends.size()) {
          retention.check(stream, trimmed);
        }
      } catch (RedisOutageException e) {
        isOut = true;
        for (StreamAppend append : appends.subList(received, appends.size())) {
          outcomes.add(WriteOutcome.failed(append, e));
        }
      } finally {
        metrics.of(stream).written().add(written);
        if (isOut) {
          connections.giveUp(stream);
        }
      }
    }
  }

  private static WriteOutcome outcome(StreamAppend append, @Nullable Object reply) {
    return reply instanceof ErrorReply error
        ? WriteOutcome.failed(append, RedisErrors.toException(error.text(), "XADD of " + append))
        : WriteOutcome.written(append);
  }
}
