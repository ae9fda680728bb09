/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a line when a server stops or resumes replying, and when a connector or task changes its
 * state. Used by one thread.
 */
final class StateLog {
  /* Shorter than this is no outage: at Ctrl-C all servers end at the same time as this. */
  private static final long OUTAGE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Terminal terminal;
  private final Map<String, Outage> outages = new LinkedHashMap<>();
  private final Map<String, TaskState> tasks = new HashMap<>();

  private static final class Outage {
    private final long since;
    private boolean reported;

    Outage(long since) {
      this.since = since;
    }
  }

  StateLog(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Reports whether a server replies. */
  void server(String name, boolean answers, long now) {
    Outage outage = outages.get(name);
    if (answers) {
      outages.remove(name);
      if (outage != null && outage.reported) {
        terminal.good(
            String.format(
                Locale.ROOT,
                "%s is available again after %.1f s",
                name,
                (now - outage.since) / 1e9));
      }
    } else if (outage == null) {
      outages.put(name, new Outage(now));
    } else if (!outage.reported && now - outage.since > OUTAGE_NANOS) {
      outage.reported = true;
      terminal.alert(name + " does not reply");
    }
  }

  /** Reports the state of connectors and tasks. */
  void tasks(List<TaskState> states) {
    for (TaskState state : states) {
      TaskState before = tasks.put(state.name(), state);
      if (before == null || before.state().equals(state.state())) {
        continue;
      }
      if (state.isFailed()) {
        terminal.alert(state.name() + " FAILED: " + state.reason());
      } else if (state.isRunning()) {
        terminal.good(state.name() + " is RUNNING again");
      } else {
        terminal.line(state.name() + " is " + state.state());
      }
    }
  }

  /** Returns the current problem in a few words; null if there is none. */
  @Nullable String alert(long now) {
    for (TaskState state : tasks.values()) {
      if (state.isFailed()) {
        return state.name() + " FAILED";
      }
    }
    for (Map.Entry<String, Outage> outage : outages.entrySet()) {
      if (outage.getValue().reported) {
        long seconds = (now - outage.getValue().since) / 1_000_000_000;
        return outage.getKey() + " unavailable for " + seconds + " s";
      }
    }
    return null;
  }
}
