/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.converter;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.MalformedURLException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes an unavailable registry from a bad record by the exceptions of Apicurio's and
 * Confluent's clients. Compares class names instead of types: neither client needs to be present,
 * and Confluent's code is also distributed under other package names. Has no state.
 */
public final class RegistryOutage {
  private static final int DEPTH = 20;

  /** Statuses by which the registry, or a proxy before it, refuses this client for now. */
  private static final Set<Integer> REFUSED = Set.of(401, 403, 407, 408, 429);

  private static final Set<String> REFUSALS =
      Set.of(
          "NotAuthorizedException",
          "ForbiddenException",
          "AuthException",
          "RateLimitedClientException");

  /** The end of Confluent's message for every status below 500 without a code of the registry. */
  private static final Pattern CODE = Pattern.compile("error code: (\\d{3})$");

  /** Confluent's code for a response that is not the registry's, such as a proxy's page. */
  private static final int NOT_JSON = 50_005;

  private RegistryOutage() {}

  /** Returns the registry's problem; empty if the record, or something else, is the cause. */
  public static Optional<String> in(Throwable thrown) {
    Throwable cause = thrown;
    for (int i = 0; cause != null && i < DEPTH; i++) {
      Optional<String> reason = reason(cause);
      if (reason.isPresent()) {
        return reason;
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  private static Optional<String> reason(Throwable thrown) {
    String name = thrown.getClass().getSimpleName();
    if (thrown instanceof org.apache.kafka.connect.errors.RetriableException
        || thrown instanceof org.apache.kafka.common.errors.RetriableException
        || thrown instanceof TimeoutException
        || (thrown instanceof IOException io && isTransport(io))
        || REFUSALS.contains(name)) {
      return Optional.of(text(name, thrown.getMessage()));
    }
    if (thrown instanceof ConfigException) {
      Matcher code = CODE.matcher(String.valueOf(thrown.getMessage()));
      return code.find() ? http(Integer.parseInt(code.group(1))) : Optional.empty();
    }
    if (name.equals("RestClientException")) {
      return call(thrown, "getStatus") instanceof Integer status
          ? confluent(thrown, status)
          : apicurio(call(thrown, "getError"));
    }
    return Optional.empty();
  }

  /** Returns whether the network failed. Avro decoders throw the same types for a short record. */
  private static boolean isTransport(IOException thrown) {
    if (thrown instanceof MalformedURLException
        || thrown instanceof FileNotFoundException
        || thrown instanceof FileSystemException) {
      return false;
    }
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (!frame.getClassName().startsWith("java.")) {
        return !frame.getClassName().contains(".avro.");
      }
    }
    return true;
  }

  private static Optional<String> confluent(Throwable thrown, int status) {
    boolean strange = Integer.valueOf(NOT_JSON).equals(call(thrown, "getErrorCode"));
    return strange && status == 404 ? Optional.of("HTTP 404, not the registry's") : http(status);
  }

  private static Optional<String> apicurio(@Nullable Object error) {
    Object code = call(error, "getErrorCode");
    Object name = call(error, "getName");
    if (code instanceof Integer status && status != 0) {
      return name == null && status == 404
          ? Optional.of("HTTP 404, not the registry's")
          : http(status);
    }
    // what could not be sent has the name of an exception and no code
    return name == null
        ? Optional.empty()
        : Optional.of(text(name.toString(), call(error, "getMessage")));
  }

  private static Optional<String> http(int status) {
    return status >= 500 || REFUSED.contains(status)
        ? Optional.of("HTTP " + status)
        : Optional.empty();
  }

  private static String text(String name, @Nullable Object message) {
    return message == null ? name : name + ": " + message;
  }

  private static @Nullable Object call(@Nullable Object object, String getter) {
    if (object == null) {
      return null;
    }
    try {
      return object.getClass().getMethod(getter).invoke(object);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }
}
