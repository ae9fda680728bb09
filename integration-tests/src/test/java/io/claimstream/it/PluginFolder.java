/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import io.claimstream.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A plugin path for versions of the plugin that a test chooses. Two builds may report the same
 * version, as all builds between two releases do; a folder is therefore installed under a version
 * of the test's own, so that Connect's REST API shows which of them runs.
 */
record PluginFolder(Path pluginPath) {
  private static final String LABEL = "claimstream-version.properties";

  /** Replaces all folders of the plugin path with the one of that zip, under that version. */
  void exchange(Path zip, String version) {
    try {
      delete(pluginPath);
      add(zip, version);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the folder of that zip, under that version. */
  void add(Path zip, String version) {
    Path unpacked = pluginPath.resolveSibling(pluginPath.getFileName() + "-unpacked");
    try {
      LocalStack.installPlugin(zip, unpacked);
      Path folder = only(unpacked, "claimstream-*");
      label(only(folder.resolve("lib"), "claimstream-redis-common-*.jar"), version);
      Files.createDirectories(pluginPath);
      Files.move(folder, pluginPath.resolve("claimstream-" + version));
      delete(unpacked);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void label(Path jar, String version) throws IOException {
    try (FileSystem files = FileSystems.newFileSystem(jar)) {
      Files.write(files.getPath(LABEL), ("version=" + version).getBytes(StandardCharsets.UTF_8));
    }
  }

  private static Path only(Path folder, String glob) throws IOException {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, glob)) {
      List<Path> all = new ArrayList<>();
      found.forEach(all::add);
      if (all.size() != 1) {
        throw new IOException("expected one " + glob + " in " + folder + ", not " + all);
      }
      return all.get(0);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
