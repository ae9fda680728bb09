/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java classes in the pages compile against the libraries that the pages name. */
class JavaExamplesTest {
  private static final Path PAGE = Path.of("how-to/credentials.md");
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("public final class (\\w+)");

  @TempDir private Path output;

  @Test
  void theProvidersOfBothCloudsCompile() throws IOException {
    // given
    List<JavaFileObject> classes =
        BLOCK
            .matcher(Files.readString(PAGE))
            .results()
            .map(block -> source(block.group(1)))
            .toList();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();

    // when
    boolean compiled =
        compiler
            .getTask(
                messages,
                null,
                null,
                List.of(
                    "-proc:none",
                    "-d",
                    output.toString(),
                    "-classpath",
                    System.getProperty("java.class.path")),
                null,
                classes)
            .call();

    // then
    assertThat(compiled).as(messages.toString()).isTrue();
    assertThat(output)
        .isDirectoryContaining("glob:**/ElastiCacheCredentialsProvider.class")
        .isDirectoryContaining("glob:**/EntraCredentialsProvider.class");
  }

  private static JavaFileObject source(String text) {
    String name =
        CLASS.matcher(text).results().map(found -> found.group(1)).findFirst().orElseThrow();
    return new SimpleJavaFileObject(
        URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }
}
