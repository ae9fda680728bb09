/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackFilesTest {
  private final String property = System.getProperty(StackFiles.PROPERTY, "");

  @TempDir private Path dir;

  @AfterEach
  void restoreProperty() {
    if (property.isEmpty()) {
      System.clearProperty(StackFiles.PROPERTY);
    } else {
      System.setProperty(StackFiles.PROPERTY, property);
    }
  }

  @Test
  void givenServersThatWereNotCollectedThenTheCommandIsNamed() {
    System.setProperty(StackFiles.PROPERTY, dir.toString());

    assertThatThrownBy(StackFiles::locate)
        .isInstanceOf(StackException.class)
        .hasMessageEndingWith("is missing; run ./mvnw -DskipTests package");
  }

  @Test
  void givenARecentRedisOnThePathThenItWins() throws IOException {
    Path redis = redisOnPath("Redis server v=6.2.14 sha=00000000:0 malloc=libc bits=64");

    assertThat(StackFiles.redisOnPath("/none:" + dir)).contains(redis);
  }

  @Test
  void givenAnOldRedisOnThePathThenItIsSkipped() throws IOException {
    redisOnPath("Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc bits=64");

    assertThat(StackFiles.redisOnPath("/none:" + dir)).isEmpty();
  }

  @Test
  void installingAPluginReplacesItsFolderOnly() throws IOException {
    Path plugins = dir.resolve("plugins");
    LocalStack.installPlugin(zip("claimstream/lib/old.jar"), plugins);
    LocalStack.installPlugin(zip("other/lib/other.jar"), plugins);

    LocalStack.installPlugin(zip("claimstream/lib/new.jar", "claimstream/manifest.json"), plugins);

    assertThat(plugins).isDirectoryRecursivelyContaining("glob:**/claimstream/lib/new.jar");
    assertThat(plugins.resolve("claimstream/manifest.json")).hasContent("content");
    assertThat(plugins.resolve("claimstream/lib/old.jar")).doesNotExist();
    assertThat(plugins.resolve("other/lib/other.jar")).exists();
  }

  @Test
  void aZipCannotWriteOutsideThePluginPath() throws IOException {
    Path zip = zip("claimstream/../../evil.jar");

    assertThatThrownBy(() -> LocalStack.installPlugin(zip, dir.resolve("plugins")))
        .isInstanceOf(StackException.class)
        .hasMessageContaining("would write outside");
    assertThat(dir.resolve("evil.jar")).doesNotExist();
  }

  @Test
  void aZipWithoutPluginFoldersIsRefused() throws IOException {
    Path bare = zip("bare.jar");
    Path empty = Files.writeString(dir.resolve("empty.zip"), "no zip");

    assertThatThrownBy(() -> LocalStack.installPlugin(bare, dir.resolve("plugins")))
        .hasMessageContaining("beside its plugin folders");
    assertThatThrownBy(() -> LocalStack.installPlugin(empty, dir.resolve("plugins")))
        .hasMessageContaining("is not a plugin zip");
  }

  private Path redisOnPath(String version) throws IOException {
    Path redis = dir.resolve("redis-server");
    Files.writeString(redis, "#!/bin/sh\necho '" + version + "'\n");
    assertThat(redis.toFile().setExecutable(true)).isTrue();
    return redis;
  }

  private Path zip(String... entries) throws IOException {
    Path zip = Files.createTempFile(dir, "plugin", ".zip");
    try (ZipOutputStream output = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (String entry : entries) {
        output.putNextEntry(new ZipEntry(entry));
        output.write("content".getBytes(StandardCharsets.UTF_8));
        output.closeEntry();
      }
    }
    return zip;
  }
}
