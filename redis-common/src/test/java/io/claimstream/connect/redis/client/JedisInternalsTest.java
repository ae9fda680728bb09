/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultJedisSocketFactory;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisSocketFactory;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.JedisClusterCRC16;

/**
 * The canary for a new Jedis: what this client leans on beyond Jedis' commands. None of it is
 * promised by Jedis, so a new version may rename or change it. Each test names the class that must
 * then change.
 */
class JedisInternalsTest {
  private static final Login NO_LOGIN = new Login(null, Optional::empty, () -> Instant.EPOCH);
  private static final JedisClientConfig CONFIG =
      DefaultJedisClientConfig.builder()
          .resp2()
          .connectionTimeoutMillis(5_000)
          .socketTimeoutMillis(5_000)
          .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
          .build();

  @Test
  void theMembersThatAreOverriddenOrCalledAreThere() {
    List<String> missing = new ArrayList<>();
    expect(
        missing,
        "redis.clients.jedis.Connection",
        "protocolRead",
        "JedisConnection.ProbingConnection overrides it to look for a reply without reading it",
        "redis.clients.jedis.util.RedisInputStream",
        "redis.clients.jedis.PushConsumerChain");
    expect(
        missing,
        "redis.clients.jedis.Connection",
        "getUnflushedObject",
        "JedisConnection reads replies with it, without the flush of getOne");
    expect(
        missing,
        "redis.clients.jedis.util.RedisInputStream",
        "peek",
        "JedisConnection.ProbingConnection waits for a byte with it",
        "byte");
    expect(
        missing,
        "redis.clients.jedis.Protocol",
        "sendCommand",
        "JedisConnection writes commands with it",
        "redis.clients.jedis.util.RedisOutputStream",
        "redis.clients.jedis.CommandArguments");
    for (String overridden : List.of("size", "iterator")) {
      expect(
          missing,
          "redis.clients.jedis.CommandArguments",
          overridden,
          "WireArguments overrides it to write arguments without an object for each");
    }
    expect(
        missing,
        "redis.clients.jedis.util.JedisClusterCRC16",
        "getSlot",
        "SlotKeys and ClusterResolver compute slots with it",
        "java.lang.String");

    assertThat(missing).as("Jedis no longer has what this client leans on").isEmpty();
  }

  private static void expect(
      List<String> missing, String type, String method, String why, String... parameters) {
    try {
      Class<?>[] types = new Class<?>[parameters.length];
      for (int i = 0; i < types.length; i++) {
        types[i] =
            parameters[i].equals("byte")
                ? byte.class
                : Class.forName(parameters[i], false, loader());
      }
      int modifiers =
          Class.forName(type, false, loader()).getDeclaredMethod(method, types).getModifiers();
      if (Modifier.isPrivate(modifiers) || (why.contains("overrides") && isClosed(modifiers))) {
        missing.add(type + "." + method + " is closed: " + why);
      }
    } catch (ReflectiveOperationException e) {
      missing.add(type + "." + method + List.of(parameters) + " is gone: " + why);
    }
  }

  private static boolean isClosed(int modifiers) {
    return Modifier.isFinal(modifiers)
        || !(Modifier.isProtected(modifiers) || Modifier.isPublic(modifiers));
  }

  private static @Nullable ClassLoader loader() {
    return JedisInternalsTest.class.getClassLoader();
  }

  @Test
  void aProbeFindsOutWhetherAReplyArrivesAndLeavesItToTheReader() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        JedisConnection connection = server.connect()) {
      // given
      connection.send(List.of(Command.of("XREAD", "k")));
      server.awaitCommand();

      // then
      assertThat(connection.awaitReply(Duration.ofMillis(20)))
          .as("Connection.protocolRead is the hook of every reply, and peek survives a timeout")
          .isFalse();
      server.reply("+late\r\n");
      assertThat(connection.awaitReply(Duration.ofSeconds(5))).isTrue();
      assertThat(connection.receive(1, Duration.ZERO))
          .singleElement()
          .isEqualTo("late".getBytes(UTF_8));
    }
  }

  @Test
  void anErrorIsTheReplyOfItsCommandAndInsideExecAnElement() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        JedisConnection connection = server.connect()) {
      // given
      connection.send(List.of(Command.of("XADD", "k"), Command.of("EXEC"), Command.of("GET", "k")));
      server.reply("-WRONGTYPE no stream\r\n*2\r\n:7\r\n-OOM full\r\n$-1\r\n");

      // when
      List<@Nullable Object> replies = connection.receive(3, Duration.ZERO);

      // then
      assertThat(replies)
          .as("JedisConnection.orError: errors are JedisDataExceptions, thrown or in the list")
          .containsExactly(
              new ErrorReply("WRONGTYPE no stream"), List.of(7L, new ErrorReply("OOM full")), null);
    }
  }

  @Test
  void aCommandIsWrittenAsItsNameAndItsBytesAndNothingElse() throws Exception {
    try (ScriptedServer server = new ScriptedServer();
        JedisConnection connection = server.connect()) {
      connection.send(List.of(Command.of("XADD", "ä", new byte[] {0, '\r', '\n', -1}, 12)));

      assertThat(server.awaitCommand())
          .as("Protocol.sendCommand asks CommandArguments only for size and iterator")
          .containsExactly(
              "XADD".getBytes(UTF_8),
              "ä".getBytes(UTF_8),
              new byte[] {0, '\r', '\n', -1},
              "12".getBytes(UTF_8));
    }
  }

  @Test
  void aConnectionAsksForItsSocketOnceAndBeforeAnyCommand() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      AtomicInteger sockets = new AtomicInteger();
      JedisSocketFactory plain = new DefaultJedisSocketFactory(server.address(), CONFIG);
      JedisSocketFactory counting =
          () -> {
            sockets.incrementAndGet();
            return plain.createSocket();
          };

      try (JedisConnection connection =
          new JedisConnection(
              server.address(),
              counting,
              CONFIG,
              Duration.ofSeconds(5),
              NO_LOGIN,
              Optional.empty())) {
        connection.send(List.of(Command.of("PING")));
        server.reply("+PONG\r\n");
        assertThat(connection.receive(1, Duration.ZERO)).hasSize(1);
      }

      assertThat(sockets).hasValue(1);
    }
  }

  @Test
  void aServerWithoutHelloIsReportedInTheWordsThatJedisConnectionsLooksFor() throws Exception {
    try (ScriptedServer server = new ScriptedServer("-ERR unknown command 'HELLO'\r\n")) {
      JedisDataException refused = catchThrowableOfType(JedisDataException.class, server::connect);

      assertThat(refused)
          .as("JedisConnections.NO_HELLO must be a part of Jedis' message")
          .hasMessageContaining("does not support HELLO");
    }
  }

  @Test
  void theReasonOfARefusedConnectionIsBelowJedisException() throws IOException {
    // given
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    JedisSocketFactory sockets =
        new DefaultJedisSocketFactory(new HostAndPort("127.0.0.1", closed), CONFIG);

    // when
    JedisConnectionException refused =
        catchThrowableOfType(JedisConnectionException.class, sockets::createSocket);

    // then
    Throwable reason = refused;
    while (reason.getCause() != null || reason.getSuppressed().length > 0) {
      reason = reason.getCause() != null ? reason.getCause() : reason.getSuppressed()[0];
    }
    assertThat(reason)
        .as("JedisConnections.reason follows causes and suppressed exceptions")
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void aBrokenConnectionClosesItsSocket() throws Exception {
    try (ScriptedServer server = new ScriptedServer()) {
      JedisConnection connection = server.connect();
      connection.send(List.of(Command.of("BLOCKED")));
      server.awaitCommand();

      assertThatCode(connection::close).doesNotThrowAnyException();

      assertThat(server.awaitEnd()).as("the server sees the end of the connection").isTrue();
    }
  }

  @Test
  void slotsAreThoseOfRedis() {
    assertThat(JedisClusterCRC16.getSlot("123456789")).isEqualTo(0x31C3);
    assertThat(JedisClusterCRC16.getSlot("a{claims}b"))
        .isEqualTo(JedisClusterCRC16.getSlot("claims"));
    assertThat(JedisClusterCRC16.getSlot("a{}b")).isNotEqualTo(JedisClusterCRC16.getSlot(""));
  }

  /** Accepts one connection, answers its handshake, and then only what the test says. */
  private static final class ScriptedServer implements AutoCloseable {
    private static final String RESP2_HELLO =
        "*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:2\r\n";

    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final BlockingQueue<List<byte[]>> commands = new LinkedBlockingQueue<>();
    private final BlockingQueue<Boolean> ends = new LinkedBlockingQueue<>();
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();

    ScriptedServer() throws IOException {
      this(RESP2_HELLO);
    }

    ScriptedServer(String hello) throws IOException {
      Thread thread = new Thread(() -> serve(hello), "scripted server");
      thread.setDaemon(true);
      thread.start();
    }

    HostAndPort address() {
      return new HostAndPort("127.0.0.1", listener.getLocalPort());
    }

    JedisConnection connect() {
      return new JedisConnection(
          address(),
          new DefaultJedisSocketFactory(address(), CONFIG),
          CONFIG,
          Duration.ofSeconds(5),
          NO_LOGIN,
          Optional.empty());
    }

    void reply(String bytes) throws Exception {
      Socket socket = taken(accepted);
      accepted.add(socket);
      socket.getOutputStream().write(bytes.getBytes(UTF_8));
    }

    List<byte[]> awaitCommand() throws Exception {
      return taken(commands);
    }

    boolean awaitEnd() throws Exception {
      return taken(ends);
    }

    private static <T> T taken(BlockingQueue<T> queue) throws InterruptedException {
      T next = queue.poll(10, TimeUnit.SECONDS);
      assertThat(next).as("within ten seconds").isNotNull();
      return next;
    }

    private void serve(String hello) {
      try (Socket socket = listener.accept()) {
        accepted.add(socket);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        while (true) {
          List<byte[]> command = command(in);
          String name = new String(command.get(0), UTF_8);
          if (name.equals("HELLO")) {
            socket.getOutputStream().write(hello.getBytes(UTF_8));
          } else if (name.equals("CLIENT") || name.equals("SELECT")) {
            socket.getOutputStream().write("+OK\r\n".getBytes(UTF_8));
          } else {
            commands.add(command);
          }
        }
      } catch (IOException e) {
        ends.add(true);
      }
    }

    private static List<byte[]> command(InputStream in) throws IOException {
      int words = number(in, '*');
      List<byte[]> command = new ArrayList<>();
      for (int i = 0; i < words; i++) {
        command.add(in.readNBytes(number(in, '$')));
        in.skipNBytes(2);
      }
      return command;
    }

    private static int number(InputStream in, char kind) throws IOException {
      int first = in.read();
      if (first != kind) {
        throw new IOException("no " + kind + " but " + first);
      }
      ByteArrayOutputStream digits = new ByteArrayOutputStream();
      for (int c = in.read(); c != '\r'; c = in.read()) {
        digits.write(c);
      }
      in.skipNBytes(1);
      return Integer.parseInt(digits.toString(UTF_8));
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
