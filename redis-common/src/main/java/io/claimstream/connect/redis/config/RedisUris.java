/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * The parsed {@code redis.uri}: servers and their common properties.
 *
 * @param endpoints at least one
 * @param tls whether the scheme is {@code rediss}
 * @param username null if the URIs contain no user
 * @param password null if the URIs contain no password
 * @param database 0 if the URIs contain none
 * @see <a href="https://www.iana.org/assignments/uri-schemes/prov/redis">the redis URI scheme</a>
 */
public record RedisUris(
    List<RedisEndpoint> endpoints,
    boolean tls,
    @Nullable String username,
    @Nullable Password password,
    int database) {

  /**
   * A URI's authority: user, host and port. The URI's own parts are empty if the host has an
   * underscore, as Compose services may.
   */
  private static final Pattern AUTHORITY =
      Pattern.compile("(?:(.*)@)?([a-zA-Z0-9._-]+|\\[[0-9a-fA-F:.%]+])(?::([0-9]{1,5}))?");

  /**
   * Parses one or more {@code redis[s]://[[user]:password@]host[:port][/database]}.
   *
   * @param defaultPort for URIs without one
   * @throws ConfigException for {@code key} if a URI is invalid; a password is never quoted
   */
  public static RedisUris parse(String key, List<String> uris, int defaultPort) {
    List<RedisUris> parsed = new ArrayList<>();
    for (String uri : uris) {
      parsed.add(parse(key, uri, defaultPort));
    }
    if (parsed.isEmpty()) {
      throw new ConfigException(key, "", "must contain a server");
    }
    RedisUris first = parsed.get(0);
    for (RedisUris other : parsed) {
      if (!first.shared().equals(other.shared())) {
        throw new ConfigException(
            key + ": scheme, user, password and database must be the same in all URIs");
      }
    }
    return new RedisUris(
        parsed.stream().flatMap(u -> u.endpoints.stream()).toList(),
        first.tls,
        first.username,
        first.password,
        first.database);
  }

  /** Returns the URI without its password, whether the URI is valid or not. */
  public static String withoutPassword(String uri) {
    return uri.replaceFirst("(?<=://)([^@:/]*:)?.*@", "$1[hidden]@");
  }

  private List<Object> shared() {
    return List.of(
        tls, username == null ? "" : username, password == null ? "" : password, database);
  }

  private static RedisUris parse(String key, String text, int defaultPort) {
    URI uri;
    try {
      uri = new URI(text.trim());
    } catch (URISyntaxException e) {
      // the exception's own message would quote the password
      throw new ConfigException(
          key + ": not a URI: " + e.getReason() + " at position " + e.getIndex());
    }
    boolean tls = "rediss".equals(uri.getScheme());
    if (!tls && !"redis".equals(uri.getScheme())) {
      throw new ConfigException(key + ": a URI must begin with redis:// or rediss://");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new ConfigException(
          key
              + ": a URI has no parameters: put the database into its path, as in redis://host/1,"
              + " and encode the characters ? # / @ of a password as %3F %23 %2F %40");
    }
    Matcher server = AUTHORITY.matcher(String.valueOf(uri.getRawAuthority()));
    if (!server.matches()) {
      throw new ConfigException(key + ": a URI contains no host");
    }
    String userInfo = server.group(1);
    int colon = userInfo == null ? -1 : userInfo.indexOf(':');
    String user = userInfo == null || colon < 0 ? "" : decode(userInfo.substring(0, colon));
    String secret = userInfo == null ? "" : decode(userInfo.substring(colon + 1));
    return new RedisUris(
        List.of(
            new RedisEndpoint(
                server.group(2),
                server.group(3) == null ? defaultPort : Integer.parseInt(server.group(3)))),
        tls,
        user.isEmpty() ? null : user,
        secret.isEmpty() ? null : new Password(secret),
        database(key, uri.getPath()));
  }

  private static int database(String key, @Nullable String path) {
    if (path == null || path.isEmpty() || path.equals("/")) {
      return 0;
    }
    try {
      return Integer.parseUnsignedInt(path.substring(1));
    } catch (NumberFormatException e) {
      // without the path, which may be part of a password
      throw new ConfigException(
          key
              + ": the database in a URI's path must be a number; encode a / in a password as"
              + " %2F");
    }
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
