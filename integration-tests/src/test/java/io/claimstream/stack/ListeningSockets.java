/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the kernel says processes listen on; Linux only. */
final class ListeningSockets {
  private static final Path PROC = Path.of("/proc");
  private static final int ADDRESS = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;
  private static final String LISTEN = "0A";
  private static final String IPV4_LOOPBACK = "0100007F";
  private static final Set<String> LOOPBACK =
      Set.of(IPV4_LOOPBACK, "0000000000000000FFFF0000" + IPV4_LOOPBACK);

  private ListeningSockets() {}

  static boolean areKnown() {
    return Files.exists(PROC.resolve("net/tcp"));
  }

  /** Lines of the kernel's tables for TCP sockets these processes listen on. */
  static List<String> of(List<ProcessHandle> processes) throws IOException {
    Set<String> inodes = new HashSet<>();
    for (ProcessHandle process : processes) {
      inodes.addAll(socketsOf(process.pid()));
    }
    List<String> found = new ArrayList<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      if (Files.exists(PROC.resolve(table))) {
        Files.readAllLines(PROC.resolve(table)).stream()
            .filter(line -> column(line, STATE).equals(LISTEN))
            .filter(line -> inodes.contains(column(line, INODE)))
            .forEach(found::add);
      }
    }
    return found;
  }

  static boolean isLoopback(String line) {
    String address = column(line, ADDRESS);
    return LOOPBACK.contains(address.substring(0, address.lastIndexOf(':')));
  }

  private static Set<String> socketsOf(long pid) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
      for (Path descriptor : descriptors) {
        String target = targetOf(descriptor);
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    return inodes;
  }

  private static String targetOf(Path descriptor) throws IOException {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (NoSuchFileException closedMeanwhile) {
      return "";
    }
  }

  private static String column(String line, int index) {
    String[] columns = line.trim().split("\\s+", -1);
    return index < columns.length ? columns[index] : "";
  }
}
