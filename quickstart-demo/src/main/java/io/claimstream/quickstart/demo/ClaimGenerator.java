/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Generates claims and their events: submitted, perhaps documents uploaded, reviewed, then approved
 * and paid, or rejected. The same seed, start and spacing give the same events. Used by one thread.
 */
final class ClaimGenerator {
  static final String SUBMITTED = "claim_submitted";
  static final String DOCUMENT = "document_uploaded";
  static final String REVIEWED = "claim_reviewed";
  static final String APPROVED = "claim_approved";
  static final String REJECTED = "claim_rejected";
  static final String PAID = "claim_paid";

  private static final List<String> REGIONS = List.of("north", "south", "east", "west");
  private static final List<String> CHANNELS = List.of("web", "mobile", "agent", "phone");

  /* The applications behind these write version 2 of the schema already. */
  private static final Set<String> NEW_CHANNELS = Set.of("web", "mobile");
  private static final List<String> INCIDENTS =
      List.of("COLLISION", "FIRE", "THEFT", "WATER", "STORM");
  private static final int OPEN_CLAIMS = 200;
  private static final double FAILURE_SHARE = 0.02;
  private static final double LATE_SHARE = 0.05;
  private static final int LATEST_MILLIS = 3_000;

  private final SplittableRandom random;
  private final LongFunction<Instant> times;
  private final List<Claim> open = new ArrayList<>();
  private long produced;
  private long claims;

  /**
   * Creates a series of events.
   *
   * @param start event time of the first event
   * @param spacing the event time between two events; some events are a few seconds late
   */
  ClaimGenerator(long seed, Instant start, Duration spacing) {
    this(seed, event -> start.plusNanos(spacing.toNanos() * event));
  }

  /**
   * Creates a series of events with given times.
   *
   * @param times returns the event time of an event by its number, from 0; some events are a few
   *     seconds late
   */
  ClaimGenerator(long seed, LongFunction<Instant> times) {
    this.random = new SplittableRandom(seed);
    this.times = times;
  }

  /** Returns the next event; there is always one. */
  ClaimEvent next() {
    boolean another = open.isEmpty() || (open.size() < OPEN_CLAIMS && random.nextInt(4) == 0);
    int index = another ? open.size() : random.nextInt(open.size());
    if (another) {
      open.add(submit());
    }
    Claim claim = open.get(index);
    Claim after = advance(claim);
    if (after == null) {
      // the last claim fills the gap: the order of this list does not matter
      Claim last = open.remove(open.size() - 1);
      if (index < open.size()) {
        open.set(index, last);
      }
    } else {
      open.set(index, after);
    }
    return event(claim);
  }

  private Claim submit() {
    double euros = 40 * Math.exp(random.nextDouble() * 6);
    return new Claim(
        "CLM-" + (100_000 + claims++),
        String.format(Locale.ROOT, "CUST-%05d", random.nextInt(20_000)),
        pick(REGIONS),
        pick(CHANNELS),
        BigDecimal.valueOf(Math.round(euros * 100), 2),
        SUBMITTED);
  }

  private @Nullable Claim advance(Claim claim) {
    return switch (claim.next()) {
      case SUBMITTED -> claim.withNext(random.nextInt(3) == 0 ? REVIEWED : DOCUMENT);
      case DOCUMENT -> claim.withNext(random.nextInt(3) == 0 ? DOCUMENT : REVIEWED);
      case REVIEWED ->
          random.nextInt(5) == 0 ? claim.withNext(REJECTED) : decided(claim).withNext(APPROVED);
      case APPROVED -> claim.withNext(PAID);
      default -> null;
    };
  }

  private Claim decided(Claim claim) {
    BigDecimal share = BigDecimal.valueOf(70 + random.nextInt(31), 2);
    return claim.withAmount(claim.amount().multiply(share).setScale(2, RoundingMode.HALF_UP));
  }

  private ClaimEvent event(Claim claim) {
    Map<String, String> further = new LinkedHashMap<>();
    further.put("region", claim.region());
    further.put("channel", claim.channel());
    further.put(ClaimEvent.STATUS, random.nextDouble() < FAILURE_SHARE ? ClaimEvent.FAILED : "ok");
    Instant time = timestamp();
    int version = NEW_CHANNELS.contains(claim.channel()) ? 2 : 1;
    if (version == 2) {
      further.put("event_id", "E-" + produced);
      further.put("currency", "EUR");
      further.put("policy_number", claim.id().replace("CLM", "POL"));
      if (claim.next().equals(SUBMITTED)) {
        further.put("incident", incident(claim, time));
      }
    }
    return new ClaimEvent(
        version,
        claim.next(),
        claim.id(),
        claim.customer(),
        time,
        amount(claim),
        Collections.unmodifiableMap(further));
  }

  private static String incident(Claim claim, Instant reported) {
    LocalDate date = LocalDate.ofInstant(reported, ZoneOffset.UTC).minusDays(1);
    String kind = INCIDENTS.get(Math.floorMod(claim.id().hashCode(), INCIDENTS.size()));
    return "{\"date\":\"%s\",\"kind\":\"%s\",\"place\":\"%s\"}"
        .formatted(date, kind, claim.region());
  }

  private @Nullable BigDecimal amount(Claim claim) {
    return switch (claim.next()) {
      case DOCUMENT -> null;
      case REVIEWED -> random.nextInt(5) == 0 ? null : claim.amount();
      default -> claim.amount();
    };
  }

  private Instant timestamp() {
    Instant time = times.apply(produced++).truncatedTo(ChronoUnit.MILLIS);
    return random.nextDouble() < LATE_SHARE
        ? time.minusMillis(random.nextInt(LATEST_MILLIS))
        : time;
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
