/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Claims go on through another maker's sink into a database, and are there what they were. */
class WarehouseIT extends SourceTestBase {
  static final String EVENTS = "warehouse-events-sink.json";
  static final String ATTRIBUTES = "warehouse-attributes-sink.json";
  static final String CLAIMS = "warehouse-claims-sink.json";

  private static @Nullable Postgres started;

  private final List<String> sinks = new ArrayList<>();

  WarehouseIT(Stack stack) {
    super(stack);
  }

  @BeforeAll
  static void startDatabase() throws IOException, SQLException {
    started = Postgres.start();
    started.execute("CREATE EXTENSION hstore");
  }

  @AfterAll
  static void stopDatabase() throws IOException {
    if (started != null) {
      started.close();
    }
  }

  @AfterEach
  void removeSinks() {
    sinks.forEach(sink -> stack.connect().delete(sink));
  }

  private static Postgres database() {
    return Objects.requireNonNull(started);
  }

  private void sink(String file, String table) {
    String name = Stack.unique("warehouse");
    sinks.add(name);
    stack.run(
        name,
        stack.example(
            file,
            Map.of(
                "topics",
                topic.name(),
                "connection.url",
                database().url(),
                "connection.username",
                Postgres.USER,
                "collection.name.format",
                table)));
  }

  private static String table() {
    return Stack.unique("t").replace('-', '_');
  }

  private static List<Map<String, @Nullable Object>> await(String query, int rows) {
    return Awaitility.await(query)
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(SQLException.class) // no table yet
        .until(() -> database().query(query), found -> found.size() == rows);
  }

  @Test
  void everyEventIsARowWithExactAmountsAndTimesAndLaterVersionsAddColumns() throws SQLException {
    // given events that leave under the version they were written in
    String events = table();
    String attributes = table();
    String first =
        redis.add(
            stream,
            "type",
            "claim_submitted",
            "claim_id",
            "CLM-1",
            "timestamp",
            "2024-08-20T12:30:00.250+02:00",
            "amount",
            "9999999999999999.99",
            "region",
            "Zürich ☂");
    stack.run(
        connector,
        stack.example(
            "claims-source.json", Map.of("redis.streams", stream, "event.version", "as-written")));
    sink(EVENTS, events);
    sink(ATTRIBUTES, attributes);
    await("SELECT * FROM " + events, 1);
    assertThat(columns(events)).doesNotContainKeys("currency", "incident_date");

    // when
    String second =
        redis.add(
            stream,
            "schema_version",
            "2",
            "type",
            "claim_reopened",
            "claim_id",
            "CLM-1",
            "timestamp",
            "1969-12-31T23:59:59.999Z",
            "amount",
            "-0.01",
            "currency",
            "CHF",
            "incident",
            "{\"date\": \"2024-02-29\", \"kind\": \"WATER\"}");
    await("SELECT * FROM " + events, 2);

    // then
    assertThat(columns(events))
        .containsEntry("amount", "numeric(18,2)")
        .containsEntry("timestamp", "timestamp(6) without time zone")
        .containsEntry("incident_date", "date")
        .containsEntry("currency", "text");
    List<Map<String, @Nullable Object>> rows =
        await(
            "SELECT *, extract(epoch FROM \"timestamp\" AT TIME ZONE 'UTC') AS seconds FROM "
                + events
                + " ORDER BY seconds DESC",
            2);
    assertThat(rows.get(0))
        .containsEntry("stream_id", first)
        .containsEntry("amount", new BigDecimal("9999999999999999.99"))
        .containsEntry("seconds", new BigDecimal("1724149800.250000"))
        .containsEntry("currency", "EUR")
        .containsEntry("incident_kind", null);
    assertThat(rows.get(1))
        .containsEntry("stream_id", second)
        .containsEntry("amount", new BigDecimal("-0.01"))
        .containsEntry("seconds", new BigDecimal("-0.001000"))
        .containsEntry("currency", "CHF")
        .containsEntry("incident_kind", "WATER");
    assertThat(rows.get(1).get("incident_date")).hasToString("2024-02-29");
    assertThat(database().query("SELECT sum(amount) AS total FROM " + events).get(0))
        .containsEntry("total", new BigDecimal("9999999999999999.98"));
    assertThat(
            await(
                "SELECT attributes -> 'region' AS region FROM "
                    + attributes
                    + " JOIN "
                    + events
                    + " USING (stream_id) WHERE attributes ? 'region'",
                1))
        .containsExactly(Map.of("region", "Zürich ☂"));
  }

  @Test
  void everyClaimIsOneRowThatItsLastEventHasWrittenAndAReplayChangesNothing() throws SQLException {
    // given entries of both versions, which leave under the latest
    String claims = table();
    redis.add(stream, "type", "claim_submitted", "claim_id", "CLM-1", "amount", "100");
    redis.add(stream, "type", "claim_submitted", "claim_id", "CLM-2", "amount", "7.5");
    redis.add(
        stream,
        "schema_version",
        "2",
        "type",
        "claim_paid",
        "claim_id",
        "CLM-1",
        "amount",
        "80.10",
        "status",
        "paid");
    stack.run(connector, stack.example("claims-source.json", Map.of("redis.streams", stream)));

    // when
    sink(CLAIMS, claims);

    // then
    String states = "SELECT claim_id, type, amount, status FROM " + claims + " ORDER BY claim_id";
    String paid = "SELECT claim_id FROM " + claims + " WHERE type = 'claim_paid'";
    await(paid, 1);
    List<Map<String, @Nullable Object>> before = await(states, 2);
    assertThat(before.get(0))
        .containsEntry("claim_id", "CLM-1")
        .containsEntry("amount", new BigDecimal("80.10"))
        .containsEntry("status", "paid");
    assertThat(before.get(1)).containsEntry("amount", new BigDecimal("7.50"));

    // when another connector, whose group has no offsets, reads all of the topic once more
    redis.add(stream, "type", "claim_submitted", "claim_id", "CLM-3", "amount", "1");
    sink(CLAIMS, claims);

    // then
    assertThat(await(states, 3).subList(0, 2)).isEqualTo(before);
  }

  private static Map<String, String> columns(String table) throws SQLException {
    Map<String, String> columns = new HashMap<>();
    database()
        .query(
            "SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute"
                + " WHERE attrelid = '"
                + table
                + "'::regclass AND attnum > 0")
        .forEach(
            row ->
                columns.put(String.valueOf(row.get("attname")), String.valueOf(row.get("type"))));
    return columns;
  }
}
