/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/** Unpacks a zip of plugin folders. */
final class PluginZip {
  private PluginZip() {}

  /** Unpacks the zip and replaces the plugin folders it contains. */
  static void unpack(Path zip, Path pluginPath) throws IOException {
    Path target = pluginPath.toAbsolutePath().normalize();
    Files.createDirectories(target);
    Set<Path> replaced = new HashSet<>();
    try (ZipInputStream entries = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        Path file = target.resolve(entry.getName()).normalize();
        if (!file.startsWith(target) || file.equals(target)) {
          throw new StackException(zip + " would write outside " + target + ": " + entry.getName());
        }
        Path folder = target.resolve(target.relativize(file).getName(0));
        if (file.equals(folder) && !entry.isDirectory()) {
          throw new StackException(
              zip + " contains " + entry.getName() + " beside its plugin folders");
        }
        // a remaining jar of an older build would stay on the plugin's class path
        if (replaced.add(folder)) {
          delete(folder);
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          Files.copy(entries, file, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    if (replaced.isEmpty()) {
      throw new StackException(zip + " is not a plugin zip");
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
