/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import java.util.Map;

/** How messages name the registry of a converter. */
final class RegistryAddress {
  private RegistryAddress() {}

  /** The registry that these settings name, without user, password and parameters. */
  static String in(Map<String, ?> configs) {
    for (String setting : new String[] {"apicurio.registry.url", "schema.registry.url"}) {
      if (configs.get(setting) instanceof String url) {
        return url.replaceAll("//[^/,]*@", "//").replaceAll("[?#][^,]*", "");
      }
    }
    return "of the converter";
  }
}
