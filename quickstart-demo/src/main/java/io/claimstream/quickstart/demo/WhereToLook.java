/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import io.claimstream.stack.LocalStack;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Addresses and commands to inspect the running stack, with the tools of this machine. */
final class WhereToLook {
  private static final String FIRST_CLAIM = "CLM-100000";

  private WhereToLook() {}

  /**
   * Returns the addresses and commands.
   *
   * @param dashboard the dashboard's address; empty if there is none
   * @param show the {@code ./quickstart show} command for this run
   */
  static String text(LocalStack stack, String dashboard, String show, Path logs) {
    StringBuilder text = new StringBuilder("\nWhere to look\n");
    if (!dashboard.isEmpty()) {
      row(text, "Dashboard:", dashboard);
    }
    row(text, "one claim", show + " " + FIRST_CLAIM);
    String connect = stack.connect().url();
    if (isOnPath("curl")) {
      row(text, "connectors", "curl -s '" + connect + "/connectors?expand=status'");
      row(text, "source", "curl -s '" + connect + "/connectors/claims-source/offsets'");
      row(text, "schemas", "curl -s '" + stack.registry().confluentUrl() + "/subjects'");
    } else {
      row(text, "connectors", connect + "/connectors?expand=status");
      row(text, "schemas", stack.registry().confluentUrl() + "/subjects");
    }
    int port = stack.redis().port();
    if (isOnPath("redis-cli")) {
      String cli = "redis-cli -p " + port + " ";
      row(text, "events", cli + "XREVRANGE claims:events + - COUNT 2");
      row(text, "analytics", cli + "XREVRANGE claims:analytics + - COUNT 2");
      row(text, "dead letters", cli + "XREVRANGE claims:failed + - COUNT 2");
      row(text, "group", cli + "XINFO GROUPS claims:events");
    } else {
      row(text, "Redis", "127.0.0.1:" + port + " (no redis-cli on the PATH)");
    }
    row(text, "Kafka", stack.kafka().bootstrapServers());
    row(text, "logs", "'" + logs + "'");
    return text.toString();
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append("  ")
        .append(name)
        .append(" ".repeat(Math.max(1, 13 - name.length())))
        .append(value)
        .append('\n');
  }

  private static boolean isOnPath(String tool) {
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(System.getenv().getOrDefault("PATH", ""))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }
}
