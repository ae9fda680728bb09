/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;

/** Results as JSON, and the progress of their measurement on the terminal. */
final class Report {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;
  private final ObjectNode root;

  private Report(Path file, ObjectNode root) {
    this.file = file;
    this.root = root;
  }

  /** Returns a report that adds to the file's contents: scenarios can be measured one by one. */
  static Report at(Path file) {
    try {
      return new Report(
          file,
          Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode());
    } catch (IOException e) {
      throw new BenchmarkException("cannot read " + file, e);
    }
  }

  /** Returns an empty part, which replaces an earlier one of that name. */
  ObjectNode part(String name) {
    return root.putObject(name);
  }

  static void put(ObjectNode node, String name, Statistics results) {
    node.putObject(name)
        .put("median", rounded(results.median()))
        .put("least", rounded(results.least()))
        .put("most", rounded(results.most()));
  }

  /** Rounds to four significant digits. */
  static double rounded(double value) {
    return Double.isFinite(value) && value != 0
        ? new BigDecimal(value).round(new MathContext(4)).doubleValue()
        : value;
  }

  void say(String line) {
    System.out.println(line);
  }

  void write() {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      JSON.writeValue(file.toFile(), root);
    } catch (IOException e) {
      throw new BenchmarkException("cannot write " + file, e);
    }
  }
}
