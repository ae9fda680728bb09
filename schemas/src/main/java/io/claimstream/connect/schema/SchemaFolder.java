/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the files {@code v1.avsc}, {@code v2.avsc}, … are. */
final class SchemaFolder {
  private static final String CLASSPATH = "classpath:";

  private final String location;

  private SchemaFolder(String location) {
    this.location = location.trim();
  }

  static SchemaFolder at(String location) {
    return new SchemaFolder(location);
  }

  /** The texts of all versions, from the first on without a gap; at least one. */
  List<String> versions() {
    List<String> texts = new ArrayList<>();
    for (String text = read(1); text != null; text = read(texts.size() + 1)) {
      texts.add(text);
    }
    if (texts.isEmpty()) {
      throw new SchemaException("there is no v1.avsc in " + location, null);
    }
    return texts;
  }

  private @Nullable String read(int version) {
    String name = "/v" + version + ".avsc";
    try (InputStream file = open(name)) {
      return file == null ? null : new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException | InvalidPathException e) {
      throw new SchemaException(location + name + " cannot be read: " + e.getMessage(), e);
    }
  }

  private @Nullable InputStream open(String name) throws IOException {
    if (location.startsWith(CLASSPATH)) {
      String resource = location.substring(CLASSPATH.length()) + name;
      return SchemaFolder.class.getClassLoader().getResourceAsStream(resource);
    }
    Path file = Path.of(location + name);
    return Files.exists(file) ? Files.newInputStream(file) : null;
  }
}
