/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import io.claimstream.benchmarks.baseline.ClaimEntries;
import io.claimstream.benchmarks.baseline.CountingSink;
import io.claimstream.benchmarks.baseline.ReadyMadeSource;
import io.claimstream.connect.schema.EventSchemas;
import io.claimstream.stack.LocalStack;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** A plugin path with the plugin zip that users get, and the baselines in a separate folder. */
final class PluginFolder {
  private static final String SERVICES = "META-INF/services/";
  private static final String SOURCE_SERVICE =
      SERVICES + "org.apache.kafka.connect.source.SourceConnector";
  private static final String SINK_SERVICE =
      SERVICES + "org.apache.kafka.connect.sink.SinkConnector";

  private PluginFolder() {}

  /** Fills an empty folder. */
  static void fill(Path folder, Path checkout) {
    try {
      LocalStack.installPlugin(zip(checkout.resolve("packaging/target")), folder);
      Path baselines = Files.createDirectories(folder.resolve("baselines"));
      writeJar(baselines.resolve("baselines.jar"));
      // reads the schema of a ready-made event; the worker has the other classes
      for (Class<?> used :
          List.of(
              EventSchemas.class,
              org.apache.avro.Schema.class,
              com.fasterxml.jackson.databind.ObjectMapper.class,
              com.fasterxml.jackson.core.JsonParser.class,
              com.fasterxml.jackson.annotation.JsonProperty.class)) {
        copy(used, baselines);
      }
    } catch (IOException e) {
      throw new BenchmarkException("cannot create the plugin path " + folder, e);
    }
  }

  /** Adds another plugin to the folder, as a link. */
  static void add(Path folder, Path plugin) {
    try {
      Files.createSymbolicLink(folder.resolve("other"), plugin.toRealPath());
    } catch (IOException e) {
      throw new BenchmarkException("cannot add the plugin " + plugin, e);
    }
  }

  private static Path zip(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".zip"))
          .findFirst()
          .orElseThrow(() -> new BenchmarkException("no zip in " + folder + ": build first", null));
    }
  }

  private static void writeJar(Path jar) throws IOException {
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      String folder = ClaimEntries.class.getPackageName().replace('.', '/');
      try (Stream<Path> classes = Files.list(location(ClaimEntries.class).resolve(folder))) {
        for (Path file : classes.toList()) {
          entries.putNextEntry(new JarEntry(folder + '/' + file.getFileName()));
          try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(entries);
          }
        }
      }
      service(entries, SOURCE_SERVICE, ReadyMadeSource.class);
      service(entries, SINK_SERVICE, CountingSink.class);
    }
  }

  private static void service(JarOutputStream entries, String service, Class<?> connector)
      throws IOException {
    entries.putNextEntry(new JarEntry(service));
    entries.write((connector.getName() + '\n').getBytes(StandardCharsets.UTF_8));
  }

  private static void copy(Class<?> used, Path folder) throws IOException {
    Path jar = location(used);
    Files.copy(jar, folder.resolve(String.valueOf(jar.getFileName())));
  }

  private static Path location(Class<?> type) {
    try {
      URI uri = type.getProtectionDomain().getCodeSource().getLocation().toURI();
      return Path.of(uri);
    } catch (URISyntaxException e) {
      throw new BenchmarkException("cannot locate " + type, e);
    }
  }
}
