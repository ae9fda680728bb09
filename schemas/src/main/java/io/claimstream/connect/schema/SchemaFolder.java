/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.schema;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The folder with the files {@code v1.avsc}, {@code v2.avsc}, …. */
final class SchemaFolder {
  private static final String CLASSPATH = "classpath:";
  private static final Pattern VERSION = Pattern.compile("v([0-9]+)\\.avsc");

  private final String location;

  private SchemaFolder(String location) {
    this.location = location.trim();
  }

  static SchemaFolder at(String location) {
    return new SchemaFolder(location);
  }

  /** Returns the texts of all versions from the first one without a gap; at least one. */
  List<String> versions() {
    List<String> texts = new ArrayList<>();
    for (String text = read(1); text != null; text = read(texts.size() + 1)) {
      texts.add(text);
    }
    if (texts.isEmpty()) {
      throw new SchemaException("there is no v1.avsc in " + location, null);
    }
    checkNoGap(texts.size());
    return texts;
  }

  /** Rejects a gap: later versions would silently be ignored. Class paths cannot be listed. */
  private void checkNoGap(int latest) {
    if (location.startsWith(CLASSPATH)) {
      return;
    }
    try (Stream<Path> files = Files.list(Path.of(location))) {
      List<String> later =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> VERSION.matcher(name).matches())
              .filter(name -> number(name).compareTo(BigInteger.valueOf(latest)) > 0)
              .sorted()
              .toList();
      if (!later.isEmpty()) {
        throw new SchemaException(
            "there is " + later.get(0) + " but no v" + (latest + 1) + ".avsc in " + location, null);
      }
    } catch (IOException e) {
      throw new SchemaException(location + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static BigInteger number(String name) {
    return new BigInteger(VERSION.matcher(name).replaceFirst("$1"));
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
