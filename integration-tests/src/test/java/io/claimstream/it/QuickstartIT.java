/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The demo as the launcher starts it. */
class QuickstartIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path MODULE = ROOT.resolve("quickstart-stack");

  private record Outcome(int status, String output) {}

  private static Outcome run(String... options) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dclaimstream.home=" + ROOT,
                "-Dclaimstream.stack=" + MODULE.resolve("servers"),
                "-cp",
                MODULE.resolve("target/classes") + ":" + MODULE.resolve("target/lib") + "/*",
                "io.claimstream.quickstart.demo.Quickstart",
                "--dir",
                Path.of("target", Stack.unique("quickstart")).toString()));
    command.addAll(Arrays.asList(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(3, TimeUnit.MINUTES)).as(output).isTrue();
      return new Outcome(process.exitValue(), output);
    } finally {
      process.destroy();
    }
  }

  @Test
  void everyEventArrivesOnceAndTheAnalyticsComeBack() throws IOException, InterruptedException {
    Outcome outcome = run("--events", "2000", "--exit", "--dashboard");

    assertThat(outcome.status()).as(outcome.output()).isZero();
    assertThat(outcome.output())
        .containsPattern("Dashboard: http://127\\.0\\.0\\.1:\\d+/")
        .contains("every event arrived exactly once")
        .containsPattern("duplicates +0\\R")
        .containsPattern("missing +0\\R")
        .containsPattern("pending in Redis +0\\R")
        .containsPattern("snapshots +\\d+ claims of 2,000 events\\R")
        .contains("claims.events-value")
        .contains("claims.analytics-value")
        .contains("claims.snapshots-value");
  }

  @Test
  void aTakenPortGetsOneClearLine() throws IOException, InterruptedException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Outcome outcome = run("--redis-port", Integer.toString(taken.getLocalPort()));

      assertThat(outcome.status()).isEqualTo(1);
      assertThat(outcome.output())
          .contains("port " + taken.getLocalPort() + " is taken; choose another with --redis-port")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void anUnknownOptionGetsOneClearLine() throws IOException, InterruptedException {
    Outcome outcome = run("--evnts", "5");

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.output()).contains("unknown option --evnts");
  }
}
