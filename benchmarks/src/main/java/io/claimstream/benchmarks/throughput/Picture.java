/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws ratios as bars: the median as a bar, the range over the workers as a line, the target as a
 * mark.
 */
final class Picture {
  private static final int WIDTH = 760;
  private static final int LABELS = 300;
  private static final int SCALE = 400;
  private static final int ROW = 44;
  private static final int TOP = 56;
  private static final int BAR = 20;

  private final StringBuilder svg = new StringBuilder();

  private Picture() {}

  /** One bar. */
  record Bar(String name, String of, Statistics ratio, double target) {
    static Bar of(JsonNode node) {
      JsonNode speed = node.path("speed");
      return new Bar(
          node.path("name").asText(),
          node.path("of").asText(),
          new Statistics(
              speed.path("median").asDouble(),
              speed.path("least").asDouble(),
              speed.path("most").asDouble(),
              1),
          node.path("target").asDouble());
    }
  }

  /** Draws an SVG of the results of the scenario {@code table}. */
  static void draw(Path results, Path picture) throws IOException {
    JsonNode root = new ObjectMapper().readTree(results.toFile());
    List<Bar> bars = new ArrayList<>();
    root.path("table").path("ratios").forEach(node -> bars.add(Bar.of(node)));
    if (bars.isEmpty()) {
      throw new BenchmarkException(results + " contains no results of the scenario table", null);
    }
    Files.writeString(picture, svg(bars));
  }

  static String svg(List<Bar> bars) {
    Picture picture = new Picture();
    picture.draw(bars);
    return picture.svg.toString();
  }

  private void draw(List<Bar> bars) {
    int height = TOP + bars.size() * ROW + 36;
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\"", WIDTH, height);
    add(" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n", WIDTH, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", WIDTH, height);
    text(16, 26, "start", "#1f2933", "Speed relative to the baseline (warm)");
    double largest = bars.stream().mapToDouble(bar -> bar.ratio().most()).max().orElse(1);
    double scale = SCALE / Math.max(1, largest);
    for (int i = 0; i < bars.size(); i++) {
      bar(bars.get(i), TOP + i * ROW, scale);
    }
    for (double mark = 0; mark <= Math.max(1, largest) + 0.01; mark += 0.2) {
      double x = LABELS + mark * scale;
      line(x, TOP - 8, x, TOP + bars.size() * ROW, "#cbd2d9", 0.6);
      text(x, TOP + bars.size() * ROW + 18, "middle", "#52606d", number(mark, 1));
    }
    add("</svg>\n");
  }

  private void bar(Bar bar, int top, double scale) {
    text(LABELS - 10, top + 9, "end", "#1f2933", bar.name());
    text(LABELS - 10, top + 24, "end", "#7b8794", "vs. " + bar.of());
    double width = bar.ratio().median() * scale;
    boolean reached = bar.ratio().median() >= bar.target();
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%s\" height=\"%d\" fill=\"%s\"/>\n",
        LABELS, top, number(width, 1), BAR, reached ? "#3e7cb1" : "#c8763c");
    double middle = top + BAR / 2.0;
    double least = LABELS + bar.ratio().least() * scale;
    double most = LABELS + bar.ratio().most() * scale;
    line(least, middle, most, middle, "#1f2933", 1.5);
    line(least, middle - 4, least, middle + 4, "#1f2933", 1.5);
    line(most, middle - 4, most, middle + 4, "#1f2933", 1.5);
    text(most + 8, top + 15, "start", "#1f2933", number(bar.ratio().median(), 2));
    if (bar.target() > 0) {
      double x = LABELS + bar.target() * scale;
      line(x, top - 4, x, top + BAR + 4, "#b42318", 2);
    }
  }

  private void text(double x, double y, String anchor, String colour, String text) {
    add(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n",
        number(x, 1), number(y, 1), anchor, colour, text);
  }

  private void line(double x1, double y1, double x2, double y2, String colour, double width) {
    add(
        "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\" stroke-width=\"%s\"/>\n",
        number(x1, 1), number(y1, 1), number(x2, 1), number(y2, 1), colour, number(width, 1));
  }

  private void add(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments));
  }

  private static String number(double number, int decimals) {
    return String.format(Locale.ROOT, "%." + decimals + "f", number);
  }
}
