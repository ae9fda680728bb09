/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files by which a code host and its visitors know the project: they say what is there. */
class ProjectFilesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  private static final Pattern ACTION = Pattern.compile("actions/[\\w-]+@v\\d+");
  private static final Pattern PROFILES = Pattern.compile("\\s-P([\\w,-]+)");
  private static final Pattern PROPERTY = Pattern.compile("\\s-D([\\w.]+)");
  private static final Pattern SCRIPT =
      Pattern.compile(
          "(?<![\\w./-])(?:\\./)?((?:[a-z-]+/)*(?:mvnw|reproduce|quickstart))(?![\\w.])");
  private static final Pattern PROFILE_ID =
      Pattern.compile("<profile>\\s*(?:<!--.*?-->\\s*)?<id>([^<]+)</id>", Pattern.DOTALL);

  private static Map<String, JsonNode> yaml(String folder) throws IOException {
    Map<String, JsonNode> files = new TreeMap<>();
    try (Stream<Path> found = Files.list(ROOT.resolve(folder))) {
      for (Path file : found.filter(path -> path.toString().endsWith(".yml")).toList()) {
        files.put(file.getFileName().toString(), YAML.readTree(file.toFile()));
      }
    }
    return files;
  }

  private static Map<String, JsonNode> workflows() throws IOException {
    return yaml(".github/workflows");
  }

  private static JsonNode workflow(String file) throws IOException {
    return Objects.requireNonNull(workflows().get(file), file);
  }

  private static String text(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  /** All POMs of the repository as one text. */
  private static String poms() throws IOException {
    StringBuilder poms = new StringBuilder();
    try (Stream<Path> files = Files.find(ROOT, 4, (path, file) -> path.endsWith("pom.xml"))) {
      for (Path pom : files.filter(path -> !path.toString().contains("target")).toList()) {
        poms.append(Files.readString(pom));
      }
    }
    return poms.toString();
  }

  private static Set<String> found(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    pattern
        .matcher(text)
        .results()
        .forEach(hit -> found.addAll(List.of(hit.group(1).split(",", -1))));
    return found;
  }

  @Test
  void theWorkflowsAreThoseThatContributorsReadOf() throws IOException {
    assertThat(workflows().keySet())
        .containsExactly("build.yml", "chaos.yml", "compat.yml", "release.yml");
    workflows()
        .forEach(
            (file, workflow) -> {
              assertThat(workflow.path("name").asText() + ".yml").isEqualTo(file);
              assertThat(workflow.path("on").isObject()).as(file + " says when it runs").isTrue();
            });
    assertThat(workflow("build.yml").at("/jobs/unit-tests/strategy/matrix/java"))
        .extracting(JsonNode::asInt)
        .containsExactly(17, 21, 25);
    assertThat(workflow("release.yml").at("/on/push/tags/0").asText()).isEqualTo("v*");
  }

  @Test
  void aWorkflowMayOnlyReadAndItsStepsArePinnedToAMajorVersion() throws IOException {
    workflows()
        .forEach(
            (file, workflow) -> {
              assertThat(workflow.path("permissions").toString())
                  .as(file)
                  .isEqualTo("{\"contents\":\"read\"}");
              for (JsonNode job : workflow.path("jobs")) {
                assertThat(job.path("timeout-minutes").asInt()).as(file).isBetween(1, 360);
                boolean publishes = file.equals("release.yml");
                assertThat(job.path("permissions").toString())
                    .as(file)
                    .isEqualTo(publishes ? "{\"contents\":\"write\"}" : "");
                for (JsonNode step : job.path("steps")) {
                  if (step.has("uses")) {
                    assertThat(step.path("uses").asText()).as(file).matches(ACTION);
                  }
                  if (step.path("uses").asText().contains("checkout")) {
                    assertThat(step.at("/with/persist-credentials").asBoolean(true)).isFalse();
                  }
                  assertThat(step.path("run").asText())
                      .as("a shell gets text from outside as a variable")
                      .doesNotContain("${{");
                }
              }
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"build.yml", "chaos.yml", "compat.yml", "release.yml"})
  void theCommandsOfAWorkflowExist(String file) throws IOException {
    // given
    StringBuilder commands = new StringBuilder();
    for (JsonNode job : workflow(file).path("jobs")) {
      job.path("steps").forEach(step -> commands.append(step.path("run").asText()).append('\n'));
    }

    // then
    assertThat(found(SCRIPT, commands.toString())).isNotEmpty();
    assertThatCommandsExist(commands.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"RELEASING.md", "CONTRIBUTING.md", "README.md", ".ci/run"})
  void theCommandsOfAPageExist(String page) throws IOException {
    assertThatCommandsExist(text(page));
  }

  private static void assertThatCommandsExist(String text) throws IOException {
    String poms = poms();
    assertThat(found(PROFILE_ID, poms)).containsAll(found(PROFILES, text));
    for (String script : found(SCRIPT, text)) {
      assertThat(ROOT.resolve(script)).isExecutable();
    }
    for (String property : found(PROPERTY, text)) {
      if (property.startsWith("hub.") || property.startsWith("home.")) {
        assertThat(poms).contains("${" + property + "}");
      }
    }
  }

  @Test
  void aReleaseIsGivenEveryAddressThatItNeeds() throws IOException {
    String release = text(".github/workflows/release.yml") + text("RELEASING.md");

    for (String property : found(Pattern.compile("\\$\\{((?:hub|home)\\.[\\w.]*url)}"), poms())) {
      assertThat(release).contains("-D" + property + "=");
    }
    assertThat(release).contains("-DaltDeploymentRepository=");
  }

  @Test
  void aBugReportAsksForVersionsConfigurationGroupsAndLog() throws IOException {
    // given
    JsonNode form = YAML.readTree(ROOT.resolve(".github/ISSUE_TEMPLATE/bug.yml").toFile());
    Map<String, JsonNode> fields = new TreeMap<>();
    form.path("body").forEach(field -> fields.put(field.path("id").asText("text"), field));

    // then
    for (String id : List.of("what", "connector", "versions", "config", "groups", "log")) {
      assertThat(fields).containsKey(id);
      boolean required =
          Objects.requireNonNull(fields.get(id), id).at("/validations/required").asBoolean();
      assertThat(required).as(id + " is required").isTrue();
    }
    assertThat(form.toString())
        .contains("XINFO GROUPS", "without secrets", "XPENDING", "redis-cli INFO server");
    assertThat(form.at("/body/2/attributes/options"))
        .extracting(JsonNode::asText)
        .containsAll(
            ReleasedSurface.lines(Path.of("")).stream()
                .filter(line -> line.startsWith("connector "))
                .map(line -> line.substring(line.lastIndexOf('.') + 1))
                .toList());
  }

  @Test
  void everyFormHasWhatACodeHostRequires() throws IOException {
    yaml(".github/ISSUE_TEMPLATE")
        .forEach(
            (file, form) -> {
              if (file.equals("config.yml")) {
                return;
              }
              assertThat(form.path("name").asText()).as(file).isNotBlank();
              assertThat(form.path("description").asText()).as(file).isNotBlank();
              Set<String> ids = new TreeSet<>();
              for (JsonNode field : form.path("body")) {
                assertThat(field.path("type").asText())
                    .isIn("markdown", "textarea", "input", "dropdown", "checkboxes");
                if (!field.path("type").asText().equals("markdown")) {
                  assertThat(field.at("/attributes/label").asText()).as(file).isNotBlank();
                  assertThat(ids.add(field.path("id").asText())).as("an id of its own").isTrue();
                }
              }
            });
  }

  @Test
  void dependencyUpdatesLeaveTheOldWorkersAlone() throws IOException {
    // given
    JsonNode maven =
        YAML.readTree(ROOT.resolve(".github/dependabot.yml").toFile()).at("/updates/0");
    List<String> old;
    try (Stream<Path> servers = Files.list(ROOT.resolve("local-stack/servers"))) {
      old =
          servers
              .map(path -> path.getFileName().toString())
              .filter(name -> name.startsWith("connect-"))
              .map(name -> "local-stack/servers/" + name + "/**")
              .toList();
    }

    // then
    assertThat(old).hasSizeGreaterThanOrEqualTo(3);
    assertThat(maven.path("exclude-paths"))
        .extracting(JsonNode::asText)
        .containsExactlyInAnyOrderElementsOf(old);
  }

  @Test
  void thePagesThatACodeHostShowsAreThere() {
    assertThat(
            List.of(
                "LICENSE",
                "NOTICE",
                "README.md",
                "CHANGELOG.md",
                "CONTRIBUTING.md",
                "CODE_OF_CONDUCT.md",
                "SECURITY.md",
                "RELEASING.md",
                ".github/CODEOWNERS",
                ".github/pull_request_template.md"))
        .allSatisfy(file -> assertThat(ROOT.resolve(file)).isNotEmptyFile());
  }

  @Test
  void codeOwnersOwnPathsThatAreThere() throws IOException {
    for (String line : text(".github/CODEOWNERS").lines().toList()) {
      if (line.startsWith("/")) {
        assertThat(ROOT.resolve(line.split("\\s+", 2)[0].substring(1))).exists();
      }
    }
  }

  @Test
  void noFileNamesTheHostOfAMavenRepository() throws IOException {
    for (String file :
        List.of("pom.xml", "mvnw", "mvnw.cmd", "RELEASING.md", ".github/workflows/release.yml")) {
      assertThat(text(file))
          .as(file)
          .doesNotContainPattern("https?://(repo|oss|central)\\w*\\.[a-z]");
    }
  }

  @Test
  void bothWrappersAreOfTheVersionInTheWrappersProperties() throws IOException {
    // given
    Matcher version =
        Pattern.compile("wrapperVersion=(\\S+)")
            .matcher(text(".mvn/wrapper/maven-wrapper.properties"));
    assertThat(version.find()).isTrue();

    // then
    assertThat(text("mvnw")).contains("version " + version.group(1));
    assertThat(text("mvnw.cmd")).contains("version " + version.group(1));
  }

  @Test
  void scriptsKeepTheLineEndsThatTheirSystemReads() throws IOException {
    String windows =
        new String(Files.readAllBytes(ROOT.resolve("mvnw.cmd")), StandardCharsets.UTF_8);

    assertThat(windows.replace("\r\n", "")).doesNotContain("\n");
    assertThat(text("mvnw")).doesNotContain("\r");
    assertThat(text(".gitattributes"))
        .contains("*.sh text eol=lf", "mvnw text eol=lf", "*.cmd text eol=crlf", "*.png binary");
  }
}
