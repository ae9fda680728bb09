/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it.soak;

import io.claimstream.connect.redis.stream.StreamEntry;
import io.claimstream.it.Redis;
import io.claimstream.it.Topic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.storage.Converter;

/**
 * Where each entry of the ledger is now: in the source stream, the topic, the analytics stream, the
 * dead letters. Reads everything once, and is made while nothing is appended.
 */
final class Audit {
  private final Ledger ledger;
  private final Converter converter;
  private final int from;
  private final int to;
  private final Map<Integer, String> held = new HashMap<>();
  private final Tally topic = new Tally();
  private final Tally deadTopic = new Tally();
  private final Tally analytics = new Tally();
  private final Tally failed = new Tally();
  private final List<Integer> lost = new ArrayList<>();
  private final List<Integer> lostBySink = new ArrayList<>();
  private final List<Integer> lostByRedis = new ArrayList<>();
  private final List<Integer> forgottenLetters = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private final int sinkLetters;
  private final long pending;

  Audit(SoakServers servers, Ledger ledger, Converter converter) {
    this.ledger = ledger;
    this.converter = converter;
    this.from = ledger.windowStart();
    this.to = ledger.next();
    try (Redis redis = servers.openRedis()) {
      this.pending = redis.pending(SoakServers.EVENTS, SoakConnectors.GROUP);
      redis.entries(SoakServers.EVENTS).forEach(this::held);
      redis.entries(SoakServers.ANALYTICS).forEach(this::analytics);
      redis.entries(SoakServers.FAILED).forEach(this::failed);
    }
    String bootstrap = servers.bootstrapServers();
    new Topic(bootstrap, SoakServers.EVENTS_TOPIC).forEach(this::topic);
    new Topic(bootstrap, SoakServers.FAILED_TOPIC).forEach(this::deadTopic);
    Tally sink = new Tally();
    new Topic(bootstrap, SoakServers.SINK_FAILED_TOPIC)
        .forEach(record -> sink.add(Math.toIntExact(record.offset())));
    this.sinkLetters = sink.count();
    for (int number = from; number < to; number++) {
      compare(number);
    }
  }

  private void held(StreamEntry entry) {
    held.put(number(entry), entry.id().toString());
  }

  private void analytics(StreamEntry entry) {
    int number = number(entry);
    analytics.add(number);
    String amount = Redis.fields(entry).get("amount");
    if (!Ledger.amount(number).equals(amount)) {
      wrong.add("analytics " + number + " has amount " + amount);
    }
  }

  private void failed(StreamEntry entry) {
    int number = number(entry);
    failed.add(number);
    if (!Ledger.isBad(number)) {
      wrong.add("good entry " + number + " is a dead letter: " + Redis.fields(entry));
    }
  }

  private void topic(ConsumerRecord<byte[], byte[]> record) {
    int number = number(record);
    topic.add(number);
    if (number >= from) {
      Struct value = (Struct) converter.toConnectData(record.topic(), record.value()).value();
      String id = ledger.id(number);
      if (id != null && !id.equals(value.getString("stream_id"))) {
        wrong.add("record " + number + " has id " + value.getString("stream_id"));
      }
      if (ledger.wasRefused(number)) {
        wrong.add("record " + number + " was refused by Redis");
      }
    }
  }

  private void deadTopic(ConsumerRecord<byte[], byte[]> record) {
    deadTopic.add(number(record));
  }

  private void compare(int number) {
    boolean bad = Ledger.isBad(number);
    boolean arrived = (bad ? deadTopic : topic).has(number);
    if (!arrived && held.containsKey(number)) {
      lost.add(number);
    } else if (!arrived && ledger.wasAnswered(number)) {
      lostByRedis.add(number);
    } else if (arrived && bad && !failed.has(number)) {
      forgottenLetters.add(number);
    } else if (arrived && !bad && !analytics.has(number)) {
      lostBySink.add(number);
    }
  }

  private static int number(StreamEntry entry) {
    return Ledger.number(Objects.requireNonNull(Redis.fields(entry).get("claim_id")));
  }

  private static int number(ConsumerRecord<byte[], byte[]> record) {
    return Ledger.number(new String(record.key(), StandardCharsets.UTF_8));
  }

  /** Whether everything is where it must be in the end. */
  boolean isComplete() {
    return pending == 0 && lost.isEmpty() && lostBySink.isEmpty();
  }

  /** Entries that Redis holds and Kafka does not have. */
  List<Integer> lost() {
    return lost;
  }

  /** Records of the topic that are not in the analytics stream. */
  List<Integer> lostBySink() {
    return lostBySink;
  }

  /** Entries that Redis acknowledged to the load and forgot before they were read. */
  List<Integer> lostByRedis() {
    return lostByRedis;
  }

  /** Dead letters that are in Kafka and that Redis has forgotten. */
  List<Integer> forgottenLetters() {
    return forgottenLetters;
  }

  /** Entries that are in the topic, or in that of the dead letters, more than once. */
  List<Integer> doubled() {
    List<Integer> doubled = new ArrayList<>(topic.doubled());
    doubled.addAll(deadTopic.doubled());
    return doubled;
  }

  /** Entries that are in the analytics stream more than once, or again after they were trimmed. */
  List<Integer> doubledBySink() {
    return again(analytics);
  }

  /** The same for the dead letters in Redis. */
  List<Integer> doubledLetters() {
    return again(failed);
  }

  private List<Integer> again(Tally tally) {
    List<Integer> again = new ArrayList<>(tally.doubled());
    tally.stream().filter(number -> number < from).forEach(again::add);
    return again;
  }

  /** What is in the wrong place, or has a wrong value. */
  List<String> wrong() {
    return wrong;
  }

  /** Records in the sink's dead letter queue, none of which belongs there. */
  int sinkLetters() {
    return sinkLetters;
  }

  long pending() {
    return pending;
  }

  /** Records since the beginning. */
  int inTopic() {
    return topic.count();
  }

  /** Dead letters in Kafka since the beginning. */
  int deadLetters() {
    return deadTopic.count();
  }

  /** Entries of the analytics stream since the last checkpoint. */
  int inAnalytics() {
    return analytics.count();
  }

  @Override
  public String toString() {
    return "entries "
        + from
        + " to "
        + to
        + ": lost "
        + lost
        + ", doubled "
        + doubled()
        + ", lost by the sink "
        + lostBySink
        + ", doubled by the sink "
        + doubledBySink()
        + ", dead letters doubled "
        + doubledLetters()
        + ", wrong "
        + wrong
        + ", pending "
        + pending
        + ", in the sink's queue "
        + sinkLetters;
  }
}
