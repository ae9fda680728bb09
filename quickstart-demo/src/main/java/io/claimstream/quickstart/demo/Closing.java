/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Resources that are closed in reverse order. Used by one thread. */
final class Closing implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  /** Adds a resource to close at the end. */
  <T extends AutoCloseable> T add(T resource) {
    open.push(resource);
    return resource;
  }

  /** Closes everything; a failure is logged, and the other resources are closed anyway. */
  @Override
  public void close() {
    while (!open.isEmpty()) {
      AutoCloseable resource = open.pop();
      try {
        resource.close();
      } catch (Exception e) {
        logger().warn("Cannot close {}", resource.getClass().getSimpleName(), e);
      }
    }
  }

  // not a constant: the log's file is set after this class is loaded
  private static Logger logger() {
    return LoggerFactory.getLogger(Closing.class);
  }
}
