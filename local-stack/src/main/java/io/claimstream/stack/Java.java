/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of small Java servers that start quickly and log to standard output. */
final class Java {
  private static final String LOGGING =
      """
      status = error
      appender.out.type = Console
      appender.out.name = OUT
      appender.out.layout.type = PatternLayout
      appender.out.layout.pattern = %d %p %c{1}: %m%n
      rootLogger.level = info
      rootLogger.appenderRef.out.ref = OUT
      """;

  /** Logging configuration of Connect before 4.0. */
  private static final String OLD_LOGGING =
      """
      log4j.rootLogger = info, OUT
      log4j.appender.OUT = org.apache.log4j.ConsoleAppender
      log4j.appender.OUT.layout = org.apache.log4j.PatternLayout
      log4j.appender.OUT.layout.ConversionPattern = %d %p %c{1}: %m%n
      """;

  private Java() {}

  /** Returns the JDK that runs this JVM. */
  static Path home() {
    return Path.of(System.getProperty("java.home"));
  }

  static List<String> command(Path dir, Deviation.Server server, List<String> arguments)
      throws IOException {
    return command(home(), dir, server, arguments);
  }

  static List<String> command(
      Path javaHome, Path dir, Deviation.Server server, List<String> arguments) throws IOException {
    Path temporary = Files.createDirectories(dir.resolve("tmp"));
    Path logging = Files.writeString(dir.resolve("log4j2.properties"), LOGGING);
    Path oldLogging = Files.writeString(dir.resolve("log4j.properties"), OLD_LOGGING);
    List<String> command = new ArrayList<>();
    command.add(javaHome.resolve("bin").resolve("java").toString());
    command.addAll(Deviation.jvmOptions(Deviation.Server.ALL_JVMS));
    command.addAll(Deviation.jvmOptions(server));
    command.addAll(
        List.of(
            "-Djava.io.tmpdir=" + temporary,
            "-Dlog4j2.configurationFile=" + logging,
            "-Dlog4j.configuration=" + oldLogging.toUri()));
    command.addAll(arguments);
    return command;
  }
}
