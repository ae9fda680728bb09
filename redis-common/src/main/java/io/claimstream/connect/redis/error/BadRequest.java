/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.error;

import java.lang.reflect.Constructor;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exceptions for invalid requests to Connect's REST API, answered with status 400.
 *
 * <p>Connect answers 500 to every exception of a connector, except those of its own runtime. They
 * are not part of the API that a connector is compiled against, but every worker has them, and they
 * are visible to a plugin because plugins load all of {@code org.apache.kafka} from the worker. On
 * a worker without them, the same message has status 500.
 */
public final class BadRequest {
  private static final Logger LOG = LoggerFactory.getLogger(BadRequest.class);
  private static final @Nullable Constructor<? extends ConnectException> OF_THE_WORKER =
      constructor("org.apache.kafka.connect.runtime.rest.errors.BadRequestException");

  private BadRequest() {}

  /** Returns an exception to throw; the client reads its message. */
  public static ConnectException because(@Nullable String mistake, @Nullable Throwable cause) {
    try {
      if (OF_THE_WORKER != null) {
        return OF_THE_WORKER.newInstance(mistake, cause);
      }
    } catch (ReflectiveOperationException e) {
      LOG.debug("Connect will answer 500 instead of 400", e);
    }
    return new ConnectException(mistake, cause);
  }

  /** Returns an exception without a cause. */
  public static ConnectException because(String mistake) {
    return because(mistake, null);
  }

  static @Nullable Constructor<? extends ConnectException> constructor(String name) {
    try {
      return Class.forName(name, true, ConnectException.class.getClassLoader())
          .asSubclass(ConnectException.class)
          .getConstructor(String.class, Throwable.class);
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      return null;
    }
  }
}
