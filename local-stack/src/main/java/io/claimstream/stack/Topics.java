/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.stack;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates topics on a single broker and returns when it has them: a controller replies before its
 * broker knows of a topic.
 */
public final class Topics {
  private static final short REPLICAS = 1;
  private static final long TIMEOUT_SECONDS = 30;
  private static final long POLL_MILLIS = 20;

  private Topics() {}

  /**
   * Creates topics with that many partitions each; an existing topic stays unchanged.
   *
   * @throws StackException if Kafka refuses or does not reply
   */
  public static void create(String bootstrapServers, Map<String, Integer> partitions) {
    create(
        bootstrapServers,
        partitions.entrySet().stream()
            .map(topic -> new NewTopic(topic.getKey(), topic.getValue(), REPLICAS))
            .toList());
  }

  /**
   * Creates a topic that keeps the last record of each key; an existing one stays unchanged.
   *
   * @throws StackException if Kafka refuses or does not reply
   */
  public static void createCompacted(String bootstrapServers, String name, int partitions) {
    Map<String, String> compacted =
        Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    create(bootstrapServers, List.of(new NewTopic(name, partitions, REPLICAS).configs(compacted)));
  }

  private static void create(String bootstrapServers, List<NewTopic> topics) {
    Map<String, Object> config =
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    try (Admin admin = Admin.create(config)) {
      for (KafkaFuture<Void> creation : admin.createTopics(topics).values().values()) {
        await(creation);
      }
      awaitLeaders(admin, topics.stream().map(NewTopic::name).toList());
    } catch (TimeoutException e) {
      throw new StackException("no topic was created within " + TIMEOUT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("interrupted while creating topics", e);
    }
  }

  private static void await(KafkaFuture<Void> creation)
      throws InterruptedException, TimeoutException {
    try {
      creation.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new StackException("cannot create a topic: " + e.getCause(), e);
      }
    }
  }

  private static void awaitLeaders(Admin admin, List<String> topics)
      throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
    while (!haveLeaders(admin, topics)) {
      if (System.nanoTime() > deadline) {
        throw new TimeoutException("the broker does not know all of " + topics);
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  private static boolean haveLeaders(Admin admin, List<String> topics)
      throws InterruptedException, TimeoutException {
    try {
      return admin
          .describeTopics(topics)
          .allTopicNames()
          .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
          .values()
          .stream()
          .map(TopicDescription::partitions)
          .flatMap(List::stream)
          .allMatch(partition -> partition.leader() != null);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw new StackException("cannot describe a topic: " + e.getCause(), e);
    }
  }
}
