/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.redis.fake;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.helpers.MessageFormatter;

/** Records log lines above DEBUG. */
public final class RecordedLog {
  private final List<String> lines = new ArrayList<>();

  /** Returns the formatted lines so far. */
  public List<String> lines() {
    return lines;
  }

  /** Returns a logger that writes here. */
  public Logger logger() {
    return (Logger)
        Proxy.newProxyInstance(
            Logger.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("debug")) {
                Object[] parts =
                    arguments.length == 2 && arguments[1] instanceof Object[] all
                        ? all
                        : Arrays.copyOfRange(arguments, 1, arguments.length);
                lines.add(MessageFormatter.arrayFormat((String) arguments[0], parts).getMessage());
              }
              return null;
            });
  }
}
