/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.packaging.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

/** The image unpacks to the plugin's folder. */
class PluginImageIT {
  private static final Path FOLDER = Path.of(System.getProperty("plugin.folder", ""));

  private final Map<String, byte[]> image = image();

  private static Map<String, byte[]> image() {
    try (InputStream tar = Files.newInputStream(Path.of(System.getProperty("image.tar", "")))) {
      return files(tar);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, byte[]> files(InputStream stream) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    TarArchiveInputStream tar = new TarArchiveInputStream(stream);
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      if (entry.isFile()) {
        assertThat(entry.getMode() & 0444).as("anyone may read " + entry.getName()).isEqualTo(0444);
        files.put(entry.getName(), tar.readAllBytes());
      }
    }
    return files;
  }

  private byte[] file(String name) {
    return Objects.requireNonNull(image.get(name), name);
  }

  private byte[] blob(JsonNode description) {
    return file("blobs/" + description.path("digest").asText().replace(':', '/'));
  }

  private static JsonNode json(byte[] text) throws IOException {
    return JsonMapper.builder().build().readTree(text);
  }

  /** The image's manifest, which names its layers and its configuration. */
  private JsonNode manifest() throws IOException {
    return json(blob(json(file("index.json")).at("/manifests/0")));
  }

  @Test
  void itsLayersHoldThePluginsFolderAndNothingElse() throws IOException {
    // given
    Map<String, byte[]> unpacked = new TreeMap<>();
    for (JsonNode layer : manifest().path("layers")) {
      unpacked.putAll(files(new GZIPInputStream(new ByteArrayInputStream(blob(layer)))));
    }

    // then
    Map<String, byte[]> folder = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(FOLDER)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        folder.put(FOLDER.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    assertThat(folder).containsKeys("manifest.json", "doc/LICENSE");
    assertThat(unpacked.keySet()).isEqualTo(folder.keySet());
    unpacked.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(folder.get(name)));
  }

  @Test
  void itIsAnImageLayoutThatAnyToolReads() throws IOException {
    assertThat(json(file("oci-layout")).path("imageLayoutVersion").asText()).isEqualTo("1.0.0");
    assertThat(manifest().path("schemaVersion").asInt()).isEqualTo(2);
    assertThat(manifest().path("layers").isEmpty()).isFalse();
  }

  @Test
  void itStartsNothingAndSaysWhatItIs() throws IOException {
    JsonNode config = json(blob(manifest().path("config")));

    assertThat(config.at("/config/Entrypoint").isEmpty()).isTrue();
    assertThat(config.at("/config/Labels/org.opencontainers.image.licenses").asText())
        .isEqualTo("Apache-2.0");
    assertThat(config.at("/config/Labels/org.opencontainers.image.title").asText())
        .isEqualTo(FOLDER.getFileName().toString());
  }
}
