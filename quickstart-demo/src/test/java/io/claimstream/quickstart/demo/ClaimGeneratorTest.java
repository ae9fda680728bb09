/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.quickstart.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClaimGeneratorTest {
  private static final Instant START = Instant.parse("2024-08-20T10:30:00Z");
  private static final Duration SPACING = Duration.ofMillis(2);

  private static final String LIFE =
      "claim_submitted( document_uploaded)*"
          + "( claim_reviewed( claim_rejected| claim_approved( claim_paid)?)?)?";

  private static List<ClaimEvent> events(long seed, int count) {
    ClaimGenerator generator = new ClaimGenerator(seed, START, SPACING);
    return Stream.generate(generator::next).limit(count).toList();
  }

  @Test
  void sameSeedGivesTheSameEvents() {
    assertThat(events(7, 5_000)).isEqualTo(events(7, 5_000)).isNotEqualTo(events(8, 5_000));
  }

  @Test
  void everyClaimLivesInOrder() {
    Map<String, String> lives =
        events(1, 20_000).stream()
            .collect(
                Collectors.groupingBy(
                    ClaimEvent::claimId,
                    Collectors.mapping(ClaimEvent::type, Collectors.joining(" "))));

    assertThat(lives).hasSizeGreaterThan(1_000);
    assertThat(lives.values()).allMatch(life -> life.matches(LIFE));
    assertThat(lives.values())
        .anyMatch(life -> life.endsWith("claim_paid"))
        .anyMatch(life -> life.endsWith("claim_rejected"));
  }

  @Test
  void aboutTwoOfHundredFail() {
    long failed = events(1, 20_000).stream().filter(ClaimEvent::failed).count();

    assertThat(failed).isBetween(300L, 500L);
  }

  @Test
  void someProducersWriteVersion2OfTheSchemaAndSomeDoNotYet() {
    List<ClaimEvent> events = events(1, 5_000);

    assertThat(events)
        .filteredOn(event -> event.version() == 1)
        .hasSizeGreaterThan(1_000)
        .noneMatch(event -> event.fields().contains("schema_version"));
    assertThat(events)
        .filteredOn(event -> event.version() == 2)
        .hasSizeGreaterThan(1_000)
        .allMatch(
            event ->
                event.fields().subList(0, 2).equals(List.of("schema_version", "2"))
                    && event.fields().contains("policy_number"))
        .anyMatch(event -> event.fields().contains("incident"));
  }

  @Test
  void amountsHaveTwoDecimalsAndDocumentsHaveNone() {
    List<ClaimEvent> events = events(1, 5_000);

    assertThat(events)
        .allSatisfy(
            event -> {
              if (event.type().equals("document_uploaded")) {
                assertThat(event.amount()).isNull();
                assertThat(event.fields()).doesNotContain("amount");
              } else if (event.amount() != null) {
                assertThat(event.amount()).isPositive();
                assertThat(event.amount().scale()).isEqualTo(2);
              }
            });
    assertThat(events)
        .anyMatch(event -> event.type().equals("claim_reviewed") && event.amount() == null);
  }

  @Test
  void eventTimeGoesOnAndSomeEventsAreLate() {
    List<ClaimEvent> events = events(1, 5_000);

    Instant end = START.plus(SPACING.multipliedBy(5_000));
    assertThat(events)
        .allMatch(event -> !event.timestamp().isAfter(end))
        .allMatch(event -> !event.timestamp().isBefore(START.minusSeconds(3)))
        .anyMatch(event -> event.timestamp().isBefore(START));
  }

  @Test
  void totalsAddUpPerTypeAndWindow() {
    List<ClaimEvent> events = events(1, 20_000);
    ExpectedFigures expected = new ExpectedFigures();

    events.forEach(expected::add);

    Map<FigureKey, Figures> totals = expected.totals();
    assertThat(totals.values().stream().mapToLong(Figures::count).sum()).isEqualTo(20_000);
    assertThat(totals.values().stream().mapToLong(Figures::failures).sum())
        .isEqualTo(events.stream().filter(ClaimEvent::failed).count());
    assertThat(
            totals.values().stream()
                .map(Figures::amountTotal)
                .reduce(BigDecimal.ZERO, BigDecimal::add))
        .isEqualTo(
            events.stream()
                .map(ClaimEvent::amount)
                .filter(amount -> amount != null)
                .reduce(new BigDecimal("0.00"), BigDecimal::add));
    assertThat(totals.keySet()).extracting(FigureKey::type).contains("claim_paid");
    assertThat(totals.keySet()).allMatch(key -> key.windowStart().toEpochMilli() % 10_000 == 0);
  }
}
