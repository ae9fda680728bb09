/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.common.TopicPartition;

/**
 * Transactions that have ended for Kafka's coordinator and never end in a partition. A broker 4.3
 * or 4.4 leaves them behind if it is killed between the two (KAFKA-20734). A user finds and aborts
 * them with {@code kafka-transactions.sh}.
 *
 * @param bootstrapServers where the broker is
 */
public record HangingTransactions(String bootstrapServers) {

  private record Open(TopicPartition partition, ProducerState producer) {}

  /** Aborts those in these topics; returns in how many partitions. */
  public int abort(Collection<String> topics) {
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
      Set<Open> before = open(admin, topics);
      Set<Open> unknown = new HashSet<>();
      for (Open one : before) {
        if (!isKnown(admin, one)) {
          unknown.add(one);
        }
      }
      // one that ended meanwhile is unknown to the coordinator, too, and no longer open
      unknown.retainAll(open(admin, topics));
      for (Open one : unknown) {
        ProducerState producer = one.producer();
        admin
            .abortTransaction(
                new AbortTransactionSpec(
                    one.partition(),
                    producer.producerId(),
                    (short) producer.producerEpoch(),
                    producer.coordinatorEpoch().orElse(0)))
            .all()
            .get();
      }
      return unknown.size();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot look for hanging transactions", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Set<Open> open(Admin admin, Collection<String> topics)
      throws ExecutionException, InterruptedException {
    List<TopicPartition> partitions =
        admin.describeTopics(topics).allTopicNames().get().values().stream()
            .flatMap(
                topic ->
                    topic.partitions().stream()
                        .map(info -> new TopicPartition(topic.name(), info.partition())))
            .toList();
    Set<Open> open = new HashSet<>();
    admin
        .describeProducers(partitions)
        .all()
        .get()
        .forEach(
            (partition, state) ->
                state.activeProducers().stream()
                    .filter(producer -> producer.currentTransactionStartOffset().isPresent())
                    .forEach(producer -> open.add(new Open(partition, producer))));
    return open;
  }

  /** Whether its coordinator still has to end it in that partition. */
  private static boolean isKnown(Admin admin, Open one)
      throws ExecutionException, InterruptedException {
    ListTransactionsOptions ofProducer =
        new ListTransactionsOptions().filterProducerIds(Set.of(one.producer().producerId()));
    for (TransactionListing listing : admin.listTransactions(ofProducer).all().get()) {
      TransactionDescription transaction =
          admin
              .describeTransactions(Set.of(listing.transactionalId()))
              .description(listing.transactionalId())
              .get();
      if (transaction.topicPartitions().contains(one.partition())) {
        return true;
      }
    }
    return false;
  }
}
