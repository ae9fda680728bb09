/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import io.claimstream.stack.FreePorts;
import io.claimstream.stack.ServerProcess;
import io.claimstream.stack.StackException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/** A new PostgreSQL server on loopback, with its programs in a folder that is gone in the end. */
final class Postgres implements AutoCloseable {
  static final String USER = "claims";

  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final String NOBODY = "65534";

  private final Path home;
  private final String url;
  private final ServerProcess process;

  private Postgres(Path home, String url, ServerProcess process) {
    this.home = home;
    this.url = url;
    this.process = process;
  }

  static Postgres start() throws IOException {
    // not below the checkout: another user, whom root becomes below, may not be let in there
    Path home = Files.createTempDirectory("claimstream-postgres");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    unpack(home);
    Path data = Files.createDirectory(home.resolve("data"));
    List<String> command = new ArrayList<>();
    if (Files.getAttribute(home, "unix:uid").equals(0)) {
      // PostgreSQL refuses to run as root
      Files.setAttribute(data, "unix:uid", Integer.valueOf(NOBODY));
      command.addAll(
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    }
    int port = FreePorts.free();
    command.addAll(
        List.of(
            "/bin/sh",
            "-c",
            "bin/initdb --pgdata=data --username="
                + USER
                + " --auth=trust --encoding=UTF8 --no-locale --no-sync"
                + " && exec bin/postgres -D data -p "
                + port
                + " -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c timezone=America/Lima"));
    String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    Postgres postgres =
        new Postgres(
            home,
            url,
            new ServerProcess("postgres", home, command, () -> answers(url), START_TIMEOUT));
    try {
      postgres.process.start();
      return postgres;
    } catch (StackException e) {
      postgres.close(); // the end of the log is in the message
      throw e;
    }
  }

  private static void unpack(Path home) throws IOException {
    Path folder = Path.of(System.getProperty("postgres", ""));
    try (DirectoryStream<Path> archives = Files.newDirectoryStream(folder, "*.txz");
        InputStream file =
            new BufferedInputStream(Files.newInputStream(archives.iterator().next()));
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(file))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = home.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(target);
        } else if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
          Files.createDirectories(target.getParent());
          Files.copy(tar, target);
          boolean program = (entry.getMode() & 0100) != 0;
          Files.setPosixFilePermissions(
              target, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
        }
      }
    }
  }

  private static boolean answers(String url) throws IOException {
    try (Connection connection = DriverManager.getConnection(url, USER, "")) {
      return connection.isValid(1);
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  String url() {
    return url;
  }

  void execute(String statement) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, USER, "");
        Statement sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }

  /** Every row as a map of columns, as the driver gives them. */
  List<Map<String, @Nullable Object>> query(String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, USER, "");
        Statement sql = connection.createStatement();
        ResultSet rows = sql.executeQuery(query)) {
      ResultSetMetaData columns = rows.getMetaData();
      List<Map<String, @Nullable Object>> all = new ArrayList<>();
      while (rows.next()) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          row.put(columns.getColumnLabel(i), rows.getObject(i));
        }
        all.add(row);
      }
      return all;
    }
  }

  @Override
  public void close() throws IOException {
    process.close();
    try (Stream<Path> paths = Files.walk(home)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
