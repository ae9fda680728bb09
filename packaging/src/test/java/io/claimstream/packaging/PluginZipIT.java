/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.packaging;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.docs.MarkdownLinks;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PluginZipIT {
  private static final String VERSION = System.getProperty("plugin.version", "");
  private static final String RELEASED_FROM = System.getProperty("hub.source.url", "");
  private static final Pattern LINE_OF_A_RELEASE =
      Pattern.compile("<hub\\.(owner|support|documentation|source)>(.+)</hub\\.\\1>");

  /** Words that only the text of a licence has, by its SPDX id. */
  private static final Map<String, String> OPENING_WORDS =
      Map.of(
          "Apache-2.0", "Version 2.0, January 2004",
          "MIT", "Permission is hereby granted, free of charge");

  private static final String ROOT = "claimstream-redis-streams-" + VERSION + "/";

  private final Map<String, byte[]> files = read(Path.of(System.getProperty("plugin.zip", "")));

  private static Map<String, byte[]> read(Path zip) {
    Map<String, byte[]> files = new TreeMap<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        assertThat(entry.getName()).as("one folder holds everything").startsWith(ROOT);
        if (!entry.isDirectory()) {
          files.put(entry.getName().substring(ROOT.length()), in.readAllBytes());
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return files;
  }

  private byte[] file(String name) {
    return Objects.requireNonNull(files.get(name), name);
  }

  @Test
  void itShipsTheJarsOnTheListAndNoOthers() throws IOException {
    // given
    List<String> listed;
    try (InputStream list =
        Objects.requireNonNull(PluginZipIT.class.getResourceAsStream("/shipped-jars.txt"))) {
      listed =
          new String(list.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .map(line -> line.split(" ", 2)[0])
              .toList();
    }

    // when
    List<String> shipped =
        files.keySet().stream()
            .filter(name -> name.startsWith("lib/"))
            .map(name -> name.substring("lib/".length()).replace(VERSION + ".jar", "VERSION.jar"))
            .toList();

    // then
    assertThat(shipped).containsExactlyInAnyOrderElementsOf(listed);
  }

  @Test
  void whatTheWorkerGivesIsNotShipped() {
    assertThat(files.keySet())
        .noneMatch(name -> name.matches("lib/(connect-|kafka-|slf4j-|log4j|logback).*"));
  }

  @Test
  void theSbomNamesTheShippedJarsAndNoOthers() throws IOException {
    // when
    JsonNode sbom = JsonMapper.builder().build().readTree(file("doc/sbom.cdx.json"));

    // then
    assertThat(sbom.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(sbom.path("metadata").path("component").path("version").asText()).isEqualTo(VERSION);
    assertThat(sbom.path("components"))
        .extracting(part -> part.path("name").asText() + "-" + part.path("version").asText())
        .containsExactlyInAnyOrderElementsOf(
            files.keySet().stream()
                .filter(name -> name.startsWith("lib/"))
                .map(name -> name.substring("lib/".length(), name.length() - ".jar".length()))
                .toList());
    assertThat(sbom.path("components"))
        .allMatch(part -> part.path("purl").asText().startsWith("pkg:maven/"))
        .allMatch(part -> !part.path("licenses").isEmpty(), "has a license")
        .allMatch(part -> !part.path("hashes").isEmpty(), "has hashes");
  }

  @Test
  void eachLibraryOfOthersHasItsLicenceNamedAndItsTextAndNoticesBesideIt() throws IOException {
    // given
    String named = text("doc/licenses/README.md");
    Map<String, String> licences = new TreeMap<>();
    for (JsonNode part :
        JsonMapper.builder().build().readTree(file("doc/sbom.cdx.json")).path("components")) {
      if (!part.path("group").asText().equals("io.claimstream")) {
        licences.put(part.path("name").asText(), part.at("/licenses/0/license/id").asText());
      }
    }

    // then
    assertThat(licences).containsKeys("jedis", "redis-authx-core", "avro");
    licences.forEach(
        (library, licence) -> {
          assertThat(named).contains("| `" + library + "` | " + licence);
          assertThat(licenceTexts(library))
              .as("licence texts of " + library)
              .anyMatch(text -> text.contains(OPENING_WORDS.getOrDefault(licence, "unknown")));
        });
    assertThat(files).containsKeys("doc/LICENSE", "doc/NOTICE");
    assertThat(named.lines().filter(line -> line.startsWith("| `")))
        .hasSameSizeAs(licences.keySet());
  }

  @Test
  void theNoticesThatJarsCarryAreBesideTheirLicences() throws IOException {
    for (String jar : files.keySet().stream().filter(name -> name.startsWith("lib/")).toList()) {
      String library = jar.replaceAll("lib/(.*)-\\d.*", "$1");
      for (String notice : notices(file(jar))) {
        assertThat(files.keySet())
            .as("what " + jar + " carries")
            .containsAnyOf("doc/licenses/" + library + "/" + notice, "doc/" + notice);
      }
    }
  }

  private static List<String> notices(byte[] jar) throws IOException {
    List<String> notices = new ArrayList<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.getName().matches("META-INF/[^/]*(LICENSE|NOTICE)[^/]*")) {
          notices.add(entry.getName().substring("META-INF/".length()));
        }
      }
    }
    return notices;
  }

  private List<String> licenceTexts(String library) {
    String folder = "doc/licenses/" + library + "/";
    return files.keySet().stream()
        .filter(name -> name.startsWith(folder) && name.contains("LICENSE"))
        .map(this::text)
        .toList();
  }

  private String text(String name) {
    return new String(file(name), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({"zip,sha256,SHA-256", "zip,sha512,SHA-512", "cdx.json,sha256,SHA-256"})
  void aChecksumIsBesideTheZipAndItsSbom(String kind, String extension, String algorithm)
      throws Exception {
    // given
    Path zip = Path.of(System.getProperty("plugin.zip", ""));
    Path file = zip.resolveSibling(zip.getFileName().toString().replaceFirst("zip$", kind));

    // when
    byte[] sum = MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file));

    // then
    assertThat(Path.of(file + "." + extension))
        .content()
        .isEqualToIgnoringNewLines(HexFormat.of().formatHex(sum) + " *" + file.getFileName());
  }

  @Test
  void theManifestIsThatOfAConfluentHubComponent() throws IOException {
    JsonNode manifest = JsonMapper.builder().build().readTree(file("manifest.json"));

    assertThat(manifest.path("version").asText()).isEqualTo(VERSION);
    assertThat(manifest.path("name").asText()).isEqualTo("redis-streams");
    assertThat(manifest.path("owner").path("username").asText()).isEqualTo("claimstream");
    assertThat(manifest.path("component_types"))
        .extracting(JsonNode::asText)
        .containsExactly("source", "sink");
  }

  @Test
  void theManifestHasAllThatTheHubShowsOfAComponent() throws IOException {
    JsonNode manifest = JsonMapper.builder().build().readTree(file("manifest.json"));

    assertThat(manifest.path("support").path("provider_name").asText()).isNotEmpty();
    assertThat(manifest.path("support").path("summary").asText()).isNotEmpty();
    assertThat(manifest.path("release_date").asText())
        .isEqualTo(System.getProperty("build.timestamp", "").substring(0, "2026-11-24".length()));
    assertThat(manifest.toString()).doesNotContain("${");
    for (JsonNode logo :
        List.of(
            manifest.path("logo"),
            manifest.path("owner").path("logo"),
            manifest.path("support").path("logo"))) {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(file(logo.asText())));
      assertThat(image.getWidth()).isGreaterThanOrEqualTo(400);
      assertThat(image.getHeight()).isGreaterThanOrEqualTo(200);
    }
  }

  @Test
  void theManifestNamesNoAddressThatIsNotTheProjects() throws IOException {
    JsonNode manifest = JsonMapper.builder().build().readTree(file("manifest.json"));

    assertThat(manifest.toString()).doesNotContain("example.");
    assertThat(List.of(address(manifest, "/documentation_url"), address(manifest, "/owner/url")))
        .allMatch(url -> url.isEmpty() == RELEASED_FROM.isEmpty());
    assertThat(address(manifest, "/source_url")).isEqualTo(RELEASED_FROM);
    assertThat(VERSION.endsWith("-SNAPSHOT") || !RELEASED_FROM.isEmpty())
        .as("a release names its addresses")
        .isTrue();
  }

  private static String address(JsonNode manifest, String field) {
    return manifest.at(field).asText();
  }

  @Test
  void theManifestOfAReleaseHasEveryAddressThatTheHubShows() throws IOException {
    // given
    String template = Files.readString(Path.of("src/assembly/manifest.json"));
    Matcher line = LINE_OF_A_RELEASE.matcher(Files.readString(Path.of("pom.xml")));

    // when
    while (line.find()) {
      template = template.replace("${hub." + line.group(1) + "}", line.group(2));
    }
    JsonNode manifest = JsonMapper.builder().build().readTree(template);

    // then
    assertThat(address(manifest, "/documentation_url")).isEqualTo("${hub.documentation.url}");
    assertThat(address(manifest, "/source_url")).isEqualTo("${hub.source.url}");
    assertThat(address(manifest, "/owner/url")).isEqualTo("${hub.owner.url}");
    assertThat(address(manifest, "/support/url")).isEqualTo("${hub.support.url}");
  }

  @Test
  void everyLinkOfItsPagesLeadsSomewhereInIt() {
    // given
    Map<String, String> pages = new TreeMap<>();
    files.forEach(
        (name, content) -> {
          if (name.endsWith(".md")) {
            pages.put(name, new String(content, StandardCharsets.UTF_8));
          }
        });

    // when
    List<String> dead = MarkdownLinks.dead(pages, this::isThere);

    // then
    assertThat(pages)
        .containsKeys(
            "doc/README.md",
            "doc/docs/README.md",
            "doc/schemas/README.md",
            "etc/monitoring/README.md");
    assertThat(dead).isEmpty();
  }

  private boolean isThere(String path) {
    return files.containsKey(path)
        || files.keySet().stream().anyMatch(name -> name.startsWith(path + "/"));
  }

  @Test
  void allConnectorsAreFoundByServiceLoading() throws IOException {
    assertThat(service("source", "org.apache.kafka.connect.source.SourceConnector").lines())
        .containsExactly(
            "io.claimstream.connect.source.RedisStreamSourceConnector",
            "io.claimstream.connect.source.range.RedisStreamRangeSourceConnector");
    assertThat(service("sink", "org.apache.kafka.connect.sink.SinkConnector").lines())
        .containsExactly(
            "io.claimstream.connect.sink.RedisStreamSinkConnector",
            "io.claimstream.connect.sink.state.RedisStateSinkConnector");
  }

  private String service(String connector, String service) throws IOException {
    byte[] jar = file("lib/claimstream-" + connector + "-connector-" + VERSION + ".jar");
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.getName().equals("META-INF/services/" + service)) {
          return new String(in.readAllBytes(), StandardCharsets.UTF_8).trim();
        }
      }
    }
    return "none";
  }

  @Test
  void theRegistryConverterIsInItWhereConnectDoesNotTakeItForTheConnectors() {
    String tar = new String(file("etc/worker/claimstream-registry-converter.tar"), US_ASCII);

    assertThat(tar).startsWith("claimstream-registry-converter-" + VERSION + ".jar");
    assertThat(files.keySet()).noneMatch(name -> name.matches("(?!lib/).*\\.(jar|zip|class)"));
  }

  @Test
  void everyExampleAndTheDocumentationAreInIt() throws IOException {
    // given
    List<String> examples;
    try (Stream<Path> paths = Files.list(Path.of("../config-examples"))) {
      examples =
          paths
              .map(path -> path.getFileName().toString())
              .filter(name -> name.endsWith(".json"))
              .toList();
    }

    // then
    assertThat(examples).isNotEmpty();
    assertThat(files.keySet())
        .containsAll(examples.stream().map(name -> "etc/" + name).toList())
        .contains(
            "etc/worker/connect-distributed.properties",
            "etc/worker/avro-converter.xml",
            "etc/kubernetes/kafka-connect.yaml",
            "etc/docker/compose.yaml",
            "doc/README.md",
            "doc/LICENSE",
            "doc/CHANGELOG.md",
            "doc/docs/getting-started.md",
            "doc/docs/reference/settings.md",
            "doc/docs/reference/redis-keys.md",
            "doc/docs/design/exactly-once-source.md");
  }
}
