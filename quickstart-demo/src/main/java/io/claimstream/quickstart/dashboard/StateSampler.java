/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.claimstream.quickstart.dashboard.DashboardSources.DeadLetter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls the state of Connect's connectors and the dead letters, and keeps the last replies, so that
 * a server that hangs does not block the page.
 */
final class StateSampler {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Logger LOG = LoggerFactory.getLogger(StateSampler.class);

  private final DashboardSources sources;
  private boolean answering;
  private ArrayNode connectors = JSON.createArrayNode();
  private boolean lettersKnown;
  private List<DeadLetter> letters = List.of();

  StateSampler(DashboardSources sources) {
    this.sources = sources;
  }

  /** Requests the state of the connectors once. Called by one thread. */
  void sampleConnectors() {
    try {
      ArrayNode found = JSON.createArrayNode();
      for (JsonNode connector : sources.connect().get("/connectors?expand=status")) {
        found.add(connector.path("status"));
      }
      noteConnectors(found);
    } catch (RuntimeException e) {
      lostConnectors(e);
    }
  }

  /** Reads the dead letters once. Called by one thread. */
  void sampleDeadLetters() {
    try {
      noteLetters(true, sources.deadLetters().get());
    } catch (RuntimeException e) {
      LOG.info("Cannot read the dead letters: {}", e.toString());
      noteLetters(false, List.of());
    }
  }

  private synchronized void noteConnectors(ArrayNode found) {
    answering = true;
    connectors = found;
  }

  private synchronized void lostConnectors(RuntimeException e) {
    if (answering) {
      LOG.info("Connect's REST API does not reply: {}", e.toString());
    }
    answering = false;
  }

  private synchronized void noteLetters(boolean known, List<DeadLetter> found) {
    lettersKnown = known;
    if (known) {
      letters = found;
    }
  }

  /** Returns the last replies as JSON. */
  synchronized String json() {
    ObjectNode json = JSON.createObjectNode();
    json.put("answering", answering);
    json.set("connectors", connectors.deepCopy());
    json.put("deadLettersKnown", lettersKnown);
    json.set("deadLetters", JSON.valueToTree(letters));
    return json.toString();
  }
}
