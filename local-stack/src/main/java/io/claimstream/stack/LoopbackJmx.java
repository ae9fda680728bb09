/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import javax.management.remote.rmi.RMIConnectorServer;

/**
 * A Java agent that serves its JVM's MBeans on one loopback port. The JDK's own agent ({@code
 * com.sun.management.jmxremote.port}) would open another port, on every interface. Uses no other
 * class of this project: the agent's jar contains only this one.
 */
public final class LoopbackJmx implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final Registry registry;
  private final JMXConnectorServer server;

  private LoopbackJmx(Registry registry, JMXConnectorServer server) {
    this.registry = registry;
    this.server = server;
  }

  /** Entry point of the agent in a JVM that was started with {@link #jvmOptions}. */
  public static void premain(String port) throws IOException {
    serve(Integer.parseInt(port));
  }

  /** Serves the MBeans of this JVM until it is closed or the JVM ends. */
  public static LoopbackJmx serve(int port) throws IOException {
    System.setProperty("java.rmi.server.hostname", HOST);
    // one instance for both, so that they share the port
    RMIServerSocketFactory sockets =
        wanted -> new ServerSocket(wanted, 0, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    Registry registry = LocateRegistry.createRegistry(port, null, sockets);
    JMXConnectorServer server =
        JMXConnectorServerFactory.newJMXConnectorServer(
            url(port),
            Map.of(RMIConnectorServer.RMI_SERVER_SOCKET_FACTORY_ATTRIBUTE, sockets),
            ManagementFactory.getPlatformMBeanServer());
    server.start();
    return new LoopbackJmx(registry, server);
  }

  /** Returns the address of the MBeans. */
  public static JMXServiceURL url(int port) {
    String at = HOST + ":" + port;
    try {
      return new JMXServiceURL("service:jmx:rmi://" + at + "/jndi/rmi://" + at + "/jmxrmi");
    } catch (MalformedURLException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /**
   * Returns the options of a JVM that serves its MBeans.
   *
   * @param dir the folder for the agent's jar
   */
  public static List<String> jvmOptions(Path dir, int port) {
    Path jar = dir.toAbsolutePath().resolve("loopback-jmx.jar");
    String file = LoopbackJmx.class.getName().replace('.', '/') + ".class";
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", LoopbackJmx.class.getName());
    try (InputStream code =
        Objects.requireNonNull(LoopbackJmx.class.getResourceAsStream("/" + file), file)) {
      Files.createDirectories(dir);
      try (OutputStream out = Files.newOutputStream(jar);
          JarOutputStream entries = new JarOutputStream(out, manifest)) {
        entries.putNextEntry(new JarEntry(file));
        code.transferTo(entries);
        entries.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + jar, e);
    }
    return List.of("-javaagent:" + jar + "=" + port);
  }

  @Override
  public void close() throws IOException {
    server.stop();
    UnicastRemoteObject.unexportObject(registry, true);
  }
}
