/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.benchmarks.throughput;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.NodeList;

class PictureTest {

  @Test
  void everyRatioIsABarAsLongAsItSays(@TempDir Path folder) throws Exception {
    // given
    Path results = folder.resolve("results.json");
    Files.writeString(
        results,
        """
        {"table": {"ratios": [
          {"name": "source", "of": "baseline", "target": 0.5,
           "speed": {"median": 0.8, "least": 0.7, "most": 1.0}},
          {"name": "sink", "of": "counting", "target": 0.5,
           "speed": {"median": 0.4, "least": 0.3, "most": 0.5}}]}}
        """);

    // when
    Path picture = folder.resolve("picture.svg");
    Picture.draw(results, picture);

    // then
    NodeList shapes =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(picture.toFile())
            .getElementsByTagName("rect");
    // the first is the background
    assertThat(shapes.getLength()).isEqualTo(3);
    double reached = width(shapes, 1);
    double missed = width(shapes, 2);
    assertThat(reached).isEqualTo(2 * missed);
    assertThat(colour(shapes, 1)).isNotEqualTo(colour(shapes, 2));
    assertThat(Files.readString(picture)).contains(">source<", ">vs. counting<");
  }

  private static double width(NodeList shapes, int index) {
    return Double.parseDouble(attribute(shapes, index, "width"));
  }

  private static String colour(NodeList shapes, int index) {
    return attribute(shapes, index, "fill");
  }

  private static String attribute(NodeList shapes, int index, String name) {
    return shapes.item(index).getAttributes().getNamedItem(name).getNodeValue();
  }
}
