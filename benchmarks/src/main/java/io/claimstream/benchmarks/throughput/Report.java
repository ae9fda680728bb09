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

/** Figures as JSON, and what is told of them while they are made. */
final class Report {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;
  private final ObjectNode root;

  private Report(Path file, ObjectNode root) {
    this.file = file;
    this.root = root;
  }

  /** A report that adds to what the file has: scenarios may be measured one by one. */
  static Report at(Path file) {
    try {
      return new Report(
          file,
          Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode());
    } catch (IOException e) {
      throw new BenchmarkException("cannot read " + file, e);
    }
  }

  /** An empty part, in place of a former one of that name. */
  ObjectNode part(String name) {
    return root.putObject(name);
  }

  static void put(ObjectNode node, String name, Statistics figures) {
    node.putObject(name)
        .put("median", rounded(figures.median()))
        .put("least", rounded(figures.least()))
        .put("most", rounded(figures.most()));
  }

  /** Four digits: no figure here has more that mean something. */
  static double rounded(double figure) {
    return Double.isFinite(figure) && figure != 0
        ? new BigDecimal(figure).round(new MathContext(4)).doubleValue()
        : figure;
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
