/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that both connectors report to Connect. */
public final class Version {
  private static final String VERSION = read();

  private Version() {}

  /** Returns the Maven version of this build. */
  public static String get() {
    return VERSION;
  }

  private static String read() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/claimstream-version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }
}
