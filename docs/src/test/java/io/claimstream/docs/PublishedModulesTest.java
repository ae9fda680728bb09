/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What a release publishes, and that its POMs say what a repository asks of them. */
class PublishedModulesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final XPath XPATH = XPathFactory.newInstance().newXPath();

  private static Map<String, Document> poms() throws Exception {
    Map<String, Document> poms = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> found = Files.find(ROOT, 4, (path, file) -> path.endsWith("pom.xml"))) {
      files =
          found.map(ROOT::relativize).filter(path -> !path.toString().contains("target")).toList();
    }
    for (Path file : files) {
      poms.put(
          file.toString(),
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(ROOT.resolve(file).toFile()));
    }
    return poms;
  }

  private static Document parent() throws Exception {
    return Objects.requireNonNull(poms().get("pom.xml"));
  }

  private static String value(Document pom, String path) throws Exception {
    return XPATH.evaluate(path, pom).strip();
  }

  @Test
  void onlyWhatUsersBuildOnIsPublished() throws Exception {
    Map<String, String> published = new TreeMap<>();
    for (Map.Entry<String, Document> pom : poms().entrySet()) {
      String skipped = value(pom.getValue(), "/project/properties/maven.deploy.skip");
      if (!skipped.isEmpty()) {
        published.put(pom.getKey(), skipped);
      }
    }

    assertThat(published)
        .as("the parent skips every module that does not say otherwise")
        .containsEntry("pom.xml", "true")
        .hasSize(6);
    published.remove("pom.xml");
    assertThat(published)
        .containsOnlyKeys(
            "redis-common/pom.xml",
            "registry-converter/pom.xml",
            "schemas/pom.xml",
            "sink-connector/pom.xml",
            "source-connector/pom.xml")
        .allSatisfy((module, skip) -> assertThat(skip).isEqualTo("false"));
  }

  @Test
  void aPublishedModuleNeedsOnlyPublishedOnes() throws Exception {
    List<String> published =
        List.of(
            "claimstream-schemas",
            "claimstream-redis-common",
            "claimstream-source-connector",
            "claimstream-sink-connector",
            "claimstream-registry-converter");
    for (Document pom : poms().values()) {
      if (!published.contains(value(pom, "/project/artifactId"))) {
        continue;
      }
      NodeList needed =
          (NodeList)
              XPATH.evaluate(
                  "/project/dependencies/dependency[groupId='io.claimstream' and"
                      + " not(scope='test')]/artifactId",
                  pom,
                  XPathConstants.NODESET);
      for (int i = 0; i < needed.getLength(); i++) {
        assertThat(needed.item(i).getTextContent()).isIn(published);
      }
    }
  }

  @Test
  void thePomHasWhatARepositoryAsksFor() throws Exception {
    Document parent = parent();

    for (String path :
        List.of(
            "name",
            "description",
            "url",
            "licenses/license/name",
            "developers/developer/name",
            "developers/developer/organization",
            "scm/url",
            "scm/connection",
            "scm/developerConnection",
            "issueManagement/url",
            "organization/name")) {
      assertThat(value(parent, "/project/" + path)).as(path).isNotEmpty();
    }
    for (Map.Entry<String, Document> pom : poms().entrySet()) {
      assertThat(value(pom.getValue(), "/project/name")).as(pom.getKey()).isNotEmpty();
      assertThat(value(pom.getValue(), "/project/description")).as(pom.getKey()).isNotEmpty();
    }
  }

  @Test
  void addressesFollowFromOneThatNeverResolvesUntilItIsSet() throws Exception {
    Document parent = parent();

    assertThat(value(parent, "/project/properties/home.url"))
        .matches("https://claimstream\\.invalid|https://(?!.*(\\.invalid|example\\.)).+");
    assertThat(value(parent, "/project/url")).isEqualTo("${home.url}");
    assertThat(value(parent, "/project/scm/url")).isEqualTo("${home.url}");
    assertThat(value(parent, "/project/properties/issues.url")).startsWith("${home.url}");
    assertThat(value(parent, "/project/properties/scm.address")).startsWith("${home.url}");
  }

  @Test
  void aReleaseHasSourcesJavadocFlattenedPomsAndSignatures() throws Exception {
    Document parent = parent();
    String plugins = "/project/profiles/profile[id='release']/build/plugins/plugin";

    for (String plugin :
        List.of(
            "maven-source-plugin",
            "maven-javadoc-plugin",
            "flatten-maven-plugin",
            "maven-gpg-plugin")) {
      assertThat(value(parent, plugins + "[artifactId='" + plugin + "']/version"))
          .as(plugin)
          .matches("[\\d.]+");
    }
    for (String skip :
        List.of("maven.source.skip", "maven.javadoc.skip", "flatten.skip", "gpg.skip")) {
      assertThat(value(parent, "/project/properties/" + skip)).isEqualTo("${maven.deploy.skip}");
    }
  }
}
