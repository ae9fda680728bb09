/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.connect.source.replay;

import io.claimstream.connect.redis.error.BadRequest;
import io.claimstream.connect.redis.stream.EntryId;
import io.claimstream.connect.source.group.ConsumerGroup;
import io.claimstream.connect.source.lane.SourceOffset;
import io.claimstream.connect.source.lane.SourcePartition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * Request to Connect's offsets API, validated against the connector's source partitions.
 *
 * @param positions per group, the id after which reading continues; empty for {@code
 *     redis.start.id}
 * @see <a href="https://cwiki.apache.org/confluence/x/Io3GDQ">KIP-875</a>
 */
public record ReplayRequest(Map<ConsumerGroup, Optional<EntryId>> positions) {

  /**
   * Parses a request.
   *
   * @param offsets the requested offsets; empty if Connect has no offsets to reset, and then all
   *     streams are reset
   * @param known the connector's source partitions
   * @throws ConnectException if the request is invalid; the message names the mistake
   */
  public static ReplayRequest parse(
      Map<? extends @Nullable Map<String, ?>, ? extends @Nullable Map<String, ?>> offsets,
      List<SourcePartition> known) {
    Map<ConsumerGroup, Map<SourcePartition, EntryId>> moves = new LinkedHashMap<>();
    Map<ConsumerGroup, Optional<EntryId>> positions = new LinkedHashMap<>();
    if (offsets.isEmpty()) {
      // a reset without offsets in Connect: the group may still be anywhere
      known.forEach(partition -> positions.put(partition.group(), Optional.empty()));
    }
    offsets.forEach(
        (partitionMap, offsetMap) -> {
          if (offsetMap == null) {
            reset(partitionMap, known)
                .ifPresent(partition -> positions.put(partition.group(), Optional.empty()));
          } else {
            SourcePartition partition = partition(partitionMap, known);
            moves
                .computeIfAbsent(partition.group(), group -> new LinkedHashMap<>())
                .put(partition, offset(partition, offsetMap));
          }
        });
    moves.forEach(
        (group, ids) -> {
          if (positions.containsKey(group)) {
            throw BadRequest.because(
                "stream '"
                    + group.stream()
                    + "': the group has one position, so either set an id for all consumers of the"
                    + " stream or reset all of them");
          }
          positions.put(group, Optional.of(common(group, ids, known)));
        });
    return new ReplayRequest(positions);
  }

  private static SourcePartition partition(
      @Nullable Map<String, ?> map, List<SourcePartition> known) {
    SourcePartition partition;
    try {
      partition = SourcePartition.parse(map);
    } catch (IllegalArgumentException e) {
      throw BadRequest.because(e.getMessage() + ". " + lanesOf(known), e);
    }
    if (!known.contains(partition)) {
      throw BadRequest.because(
          "this connector has no partition " + partition.toMap() + ". " + lanesOf(known));
    }
    return partition;
  }

  /** Finds the stream of a reset, which may name lanes from before a configuration change. */
  private static Optional<SourcePartition> reset(
      @Nullable Map<String, ?> map, List<SourcePartition> known) {
    try {
      SourcePartition partition = SourcePartition.parse(map);
      return known.stream().filter(lane -> lane.group().equals(partition.group())).findFirst();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String lanesOf(List<SourcePartition> known) {
    return "Its partitions are "
        + known.stream().map(lane -> lane.toMap().toString()).collect(Collectors.joining(", "));
  }

  private static EntryId offset(SourcePartition partition, Map<String, ?> map) {
    try {
      // an epoch in the request refers to entries read before, so it is ignored
      return SourceOffset.parse(map).id();
    } catch (IllegalArgumentException e) {
      throw BadRequest.because("partition " + partition.toMap() + ": " + e.getMessage(), e);
    }
  }

  private static EntryId common(
      ConsumerGroup group, Map<SourcePartition, EntryId> ids, List<SourcePartition> known) {
    List<SourcePartition> missing = new ArrayList<>();
    known.stream()
        .filter(lane -> lane.group().equals(group) && !ids.containsKey(lane))
        .forEach(missing::add);
    if (!missing.isEmpty() || Set.copyOf(ids.values()).size() > 1) {
      throw BadRequest.because(
          "stream '"
              + group.stream()
              + "': the group has one position, so all consumers of the stream must get the same"
              + " id. "
              + lanesOf(known));
    }
    return ids.values().iterator().next();
  }
}
