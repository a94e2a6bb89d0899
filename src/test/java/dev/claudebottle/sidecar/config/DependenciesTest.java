package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code depends_on}. */
class DependenciesTest {

    private static List<String> errors(String daemons) {
        return BundleFixture.errorsIn("daemons:\n" + daemons.indent(2));
    }

    /** Each depends on the next; the last on {@code end}. */
    private static String chain(int length, String end) {
        return IntStream.range(0, length)
                .mapToObj(i ->
                        "d" + i + ": {command: [x], depends_on: [" + (i == length - 1 ? end : "d" + (i + 1)) + "]}")
                .collect(Collectors.joining("\n"));
    }

    @Test
    void byDefaultADaemonDependsOnNothing() {
        assertThat(BundleFixture.daemon("command: [x]").dependsOn()).isEmpty();
        assertThat(BundleFixture.daemon("command: [x]\ndepends_on: []").dependsOn())
                .isEmpty();
    }

    @Test
    void namesAreReadInTheirOrderAndEachOnce() {
        // When, with a dependency that is further down in the file
        Bundle bundle = BundleFixture.read(
                "daemons: {a: {command: [x], depends_on: [c, b, c]}, b: {command: [x]}, c: {command: [x]}}");

        // Then
        assertThat(bundle.daemons())
                .extracting(Daemon::dependsOn)
                .containsExactly(List.of("c", "b"), List.of(), List.of());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "b | text; expected a list of daemons",
                "{b: x} | a map; expected a list of daemons",
                "'' | null; expected a list of daemons",
                "[~] | item 1: null; expected a daemon's name",
                "[[b]] | item 1: a list; expected a daemon's name",
            })
    void dependsOnIsAListOfNames(String value, String error) {
        assertThat(BundleFixture.errorsInDaemon("depends_on: " + value))
                .containsExactly("b.yaml:4: daemons.egress.depends_on: " + error);
    }

    @Test
    void anUnknownDependencyIsAnError() {
        assertThat(errors("a: {command: [x], depends_on: [b, c]}\nb: {command: [x]}"))
                .containsExactly(
                        "b.yaml:2: daemons.a.depends_on: item 2: unknown daemon \"c\"; expected a daemon of this file");
    }

    @Test
    void aCircleIsReportedOnceWithItsPath() {
        assertThat(errors("""
                a: {command: [x], depends_on: [b]}
                b: {command: [x], depends_on: [c]}
                c: {command: [x], depends_on: [d, b]}
                d: {command: [x]}
                """))
                .containsExactly(
                        "b.yaml:4: daemons.c.depends_on: item 2: circular: b -> c -> b; expected an order in which they can start");
    }

    @Test
    void aDaemonThatDependsOnItselfIsACircle() {
        assertThat(errors("a: {command: [x], depends_on: [a]}"))
                .containsExactly(
                        "b.yaml:2: daemons.a.depends_on: item 1: circular: a -> a; expected an order in which they can start");
    }

    @Test
    void everyCircleIsReported() {
        assertThat(errors("""
                a: {command: [x], depends_on: [b, c]}
                b: {command: [x], depends_on: [a]}
                c: {command: [x], depends_on: [a]}
                """)).hasSize(2);
    }

    @Test
    void aDiamondIsNoCircle() {
        assertThat(errors("""
                a: {command: [x], depends_on: [b, c]}
                b: {command: [x], depends_on: [d]}
                c: {command: [x], depends_on: [d]}
                d: {command: [x]}
                """)).isEmpty();
    }

    @Test
    void aChainOfThousandsIsFollowedToItsEnd() {
        // Given
        int length = 15_000;

        // Then
        assertThat(errors(chain(length, ""))).isEmpty();
        assertThat(errors(chain(length, "d0")))
                .singleElement()
                .asString()
                .startsWith("b.yaml:15001: daemons.d14999.depends_on: item 1: circular: d0 -> d1 -> ");
    }
}
