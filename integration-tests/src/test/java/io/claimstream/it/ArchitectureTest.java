/* SPDX-License-Identifier: Apache-2.0 */
package io.claimstream.it;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;

/** The shape that keeps the product readable. */
@AnalyzeClasses(
    packages = "io.claimstream",
    importOptions = {ImportOption.DoNotIncludeTests.class})
class ArchitectureTest {
  private static final String CLIENT = "io.claimstream.connect.redis.client..";

  @ArchTest
  static final ArchRule onlyTheClientPackageKnowsJedis =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLIENT)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("redis.clients..");

  /** Kafka moves what is in there without notice: 4.4 broke a task that used one of its classes. */
  @ArchTest
  static final ArchRule theConnectorsUseNothingOfKafkasInternals =
      noClasses()
          .that()
          .resideInAPackage("io.claimstream.connect..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.apache.kafka.common.utils..")
                  .and(not(assignableTo(Time.class)))
                  .and(not(type(Utils.class))));

  @ArchTest
  static final ArchRule theSourceDoesNotKnowTheSink =
      noClasses()
          .that()
          .resideInAPackage("io.claimstream.connect.source..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.claimstream.connect.sink..");

  @ArchTest
  static final ArchRule theSinkDoesNotKnowTheSource =
      noClasses()
          .that()
          .resideInAPackage("io.claimstream.connect.sink..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.claimstream.connect.source..");

  @ArchTest
  static final ArchRule whatBothShareKnowsNeither =
      noClasses()
          .that()
          .resideInAnyPackage("io.claimstream.connect.redis..", "io.claimstream.connect.schema..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.claimstream.connect.source..", "io.claimstream.connect.sink..");

  @ArchTest
  static final ArchRule theConnectorsDoNotKnowTheStackAndTheDemo =
      noClasses()
          .that()
          .resideInAPackage("io.claimstream.connect..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.claimstream.stack..", "io.claimstream.quickstart..");

  @ArchTest
  static final ArchRule noPackagesDependOnEachOtherInACircle =
      slices().matching("io.claimstream.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule everyPackageIsNullMarked =
      classes()
          .should(
              new com.tngtech.archunit.lang.ArchCondition<>("be in a @NullMarked package") {
                @Override
                public void check(
                    com.tngtech.archunit.core.domain.JavaClass type,
                    com.tngtech.archunit.lang.ConditionEvents events) {
                  boolean marked =
                      type.getPackage()
                          .tryGetPackageInfo()
                          .map(
                              info ->
                                  info.isAnnotatedWith(org.jspecify.annotations.NullMarked.class))
                          .orElse(false);
                  if (!marked) {
                    events.add(
                        com.tngtech.archunit.lang.SimpleConditionEvent.violated(
                            type, type.getName() + " is in a package that is not @NullMarked"));
                  }
                }
              });

  @ArchTest
  static final ArchRule noClassIsAGrabBag =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Manager");
}
