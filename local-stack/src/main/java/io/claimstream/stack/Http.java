/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** HTTP requests to servers on loopback: never through a proxy, with JSON bodies. */
final class Http {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  // a worker replies, with an error, after at most 90 s
  static final Duration TIMEOUT = Duration.ofSeconds(100);
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();

  private Http() {}

  static HttpResponse<String> send(
      String method, String uri, @Nullable String body, Duration timeout) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(uri)).header("Accept", "application/json");
    if (body == null) {
      request.method(method, HttpRequest.BodyPublishers.noBody());
    } else {
      request
          .method(method, HttpRequest.BodyPublishers.ofString(body))
          .header("Content-Type", "application/json");
    }
    return send(request.timeout(timeout).build());
  }

  /** Returns whether a GET returns status 200. */
  static boolean answers(String uri) throws IOException {
    return status(uri) == 200;
  }

  /** Returns the status of a GET, with a short timeout. */
  static int status(String uri) throws IOException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).timeout(PROBE_TIMEOUT).build();
    return send(request).statusCode();
  }

  private static HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while waiting for " + request.uri(), e);
    }
  }
}
