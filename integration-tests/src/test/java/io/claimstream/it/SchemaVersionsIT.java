/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.claimstream.connect.schema.EventSchema;
import io.claimstream.connect.schema.EventSchemas;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.apache.pulsar.kafka.shade.avro.generic.GenericRecord;
import org.apache.pulsar.kafka.shade.io.confluent.kafka.serializers.KafkaAvroDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions under a registry that lets none in that cannot read all former ones. */
@ExtendWith(Stack.class)
class SchemaVersionsIT {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Stack stack;
  private final HttpClient http = HttpClient.newHttpClient();

  SchemaVersionsIT(Stack stack) {
    this.stack = stack;
  }

  @ParameterizedTest
  @ValueSource(strings = {"claim-event", "claim-analytics", "claim-failure", "claim-snapshot"})
  void theRegistryTakesEveryReleasedVersionAfterTheOther(String subject) throws Exception {
    String name = Stack.unique(subject);
    List<EventSchema> versions = EventSchemas.load("classpath:schemas/" + subject).all();

    for (EventSchema version : versions) {
      assertThat(register(name, version.avro().toString()))
          .as("v%s", version.version())
          .isEqualTo(200);
      demandBackwardTransitive(name);
    }
    assertThat(register(name, withAnotherRequiredField(versions.get(0)))).isEqualTo(409);
  }

  @Test
  void theRegistryTakesAnotherScaleWhichIsWhyTheConnectorLooksForIt() throws Exception {
    String name = Stack.unique("amounts");
    String amount =
        """
        {"type": "record", "name": "A", "fields": [{"name": "amount", "type":
          {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}}]}
        """;

    assertThat(register(name, amount)).isEqualTo(200);
    demandBackwardTransitive(name);

    assertThat(register(name, amount.replace("\"scale\": 2", "\"scale\": 4"))).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"claims-source.json", "claims-source-confluent.json"})
  void entriesOfBothVersionsGoIntoOneTopicEachAsWritten(String example) throws Exception {
    String stream = Stack.unique("claims:events");
    String name = Stack.unique("versions");
    Topic topic = stack.topic(stream.replace(':', '.'));
    stack.createTopics(Map.of(topic.name(), 1));
    try (Redis redis = stack.redis()) {
      // given what the first version wrote, and a registry that is strict from then on
      redis.add(stream, "type", "t", "claim_id", "CLM-1", "amount", "1", "status", "failed");
      stack.run(
          name,
          stack.example(example, Map.of("redis.streams", stream, "event.version", "as-written")));
      topic.await(1);
      demandBackwardTransitive(topic.name() + "-value");

      // when
      redis.add(
          stream,
          "schema_version",
          "2",
          "type",
          "t",
          "claim_id",
          "CLM-2",
          "amount",
          "2",
          "currency",
          "CHF",
          "status",
          "failed",
          "incident",
          "{\"date\": \"2024-08-19\", \"kind\": \"WATER\"}");
      List<GenericRecord> events = read(topic, 2);

      // then
      assertThat(version(events.get(0))).isEqualTo(1);
      assertThat(events.get(0).getSchema().getField("status")).isNull();
      assertThat(events.get(0).get("attributes")).hasToString("{status=failed}");
      assertThat(version(events.get(1))).isEqualTo(2);
      assertThat(events.get(1).get("status")).hasToString("failed");
      assertThat(events.get(1).get("currency")).hasToString("CHF");
      GenericRecord incident = (GenericRecord) events.get(1).get("incident");
      assertThat(incident.get("kind")).hasToString("WATER");
      assertThat(incident.get("date")).isEqualTo(19_954);
    } finally {
      stack.connect().delete(name);
    }
  }

  private List<GenericRecord> read(Topic topic, int count) {
    try (KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
      deserializer.configure(Map.of("schema.registry.url", stack.registry().confluentUrl()), false);
      return topic.await(count).stream()
          .map(record -> (GenericRecord) deserializer.deserialize(topic.name(), record.value()))
          .toList();
    }
  }

  private static Object version(GenericRecord event) {
    return event.getSchema().getObjectProp("connect.version");
  }

  private static String withAnotherRequiredField(EventSchema schema) {
    return schema
        .avro()
        .toString()
        .replaceFirst("\"fields\":\\[", "\"fields\":[{\"name\":\"more\",\"type\":\"int\"},");
  }

  private int register(String subject, String schema) throws IOException, InterruptedException {
    String body = JSON.writeValueAsString(Map.of("schema", schema));
    return send("POST", "/subjects/" + subject + "/versions", body);
  }

  private void demandBackwardTransitive(String subject) throws IOException, InterruptedException {
    String body = "{\"compatibility\": \"BACKWARD_TRANSITIVE\"}";
    assertThat(send("PUT", "/config/" + subject, body)).isEqualTo(200);
  }

  private int send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(stack.registry().confluentUrl() + path))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    return response.statusCode();
  }
}
