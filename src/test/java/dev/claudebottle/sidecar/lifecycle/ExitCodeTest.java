package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExitCodeTest {

    @Test
    void theCodeIsZeroIfAllObey() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).term();

        // When
        scenario.isKilled("egress", Signal.TERM).exits("pipelock", 0);

        // Then
        assertLeaves(scenario, 0);
    }

    @Test
    void theCodeOfACrashBeforeTheStopCounts() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).exits("egress", 7);

        // When
        scenario.term().isKilled("pipelock", Signal.TERM);

        // Then
        assertLeaves(scenario, 7);
    }

    @Test
    void theHighestCodeCountsIfAllDieWithoutAStop() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock", "git-gate"));

        // When
        scenario.exits("egress", 3).isKilled("git-gate", Signal.KILL).exits("pipelock", 5);

        // Then
        assertLeaves(scenario, 137);
        assertThat(scenario.lines()).noneMatch(line -> line.startsWith("shutting down"));
    }

    @Test
    void theBundleLeavesIfEveryStartFails() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock")).begin();

        // When
        scenario.startFailed("egress").on(new Event.StartFailed("pipelock", 126, "/bin/pipelock", "Permission denied"));

        // Then
        assertLeaves(scenario, 127);
    }

    @Test
    void anEmptyBundleLeavesWithZero() {
        // Given
        Scenario scenario = Scenario.of(bundle());

        // When
        scenario.begin();

        // Then
        assertLeaves(scenario, 0);
    }

    @ParameterizedTest(name = "stop signal {0}, exits with {1}: {2}")
    @CsvSource({
        "TERM, 0, 0", "TERM, 1, 1", "TERM, 255, 255", "TERM, 143, 0", "TERM, 130, 130", "TERM, 142, 142",
        "INT, 130, 0", "INT, 143, 143", "HUP, 129, 0", "KILL, 137, 0", "TERM, 137, 137", "TERM, 15, 15"
    })
    void anExitDuringTheStopCountsUnlessItsCodeIsThatOfTheStopSignal(String stopSignal, int code, int expected) {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", signal(stopSignal))))
                .term();

        // When
        scenario.exits("egress", code);

        // Then
        assertLeaves(scenario, expected);
    }

    @ParameterizedTest(name = "stop signal {0}, killed by {1}: {2}")
    @CsvSource({
        "TERM, TERM, 0",
        "INT, INT, 0",
        "INT, TERM, 143",
        "TERM, INT, 130",
        "TERM, SEGV, 139",
        "TERM, KILL, 137",
        "KILL, KILL, 0",
        "QUIT, QUIT, 0"
    })
    void anEndBySignalDuringTheStopCountsUnlessItWasTheStopSignal(String stopSignal, String by, int expected) {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", signal(stopSignal))))
                .term();

        // When
        scenario.isKilled("egress", signal(by));

        // Then
        assertLeaves(scenario, expected);
    }

    @Test
    void anExitWithTheCodeOfTheStopSignalCountsBeforeTheStop() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).exits("egress", 143);

        // When
        scenario.term().exits("pipelock", 143);

        // Then
        assertLeaves(scenario, 143);
    }

    @Test
    void anEndByTheStopSignalCountsBeforeTheStop() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).isKilled("egress", Signal.TERM);

        // When
        scenario.term().exits("pipelock", 0);

        // Then
        assertLeaves(scenario, 143);
    }

    @Test
    void ourKillCountsAsZeroAfterTheGrace() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term().at(8000).timePasses();

        // When
        scenario.isKilled("egress", Signal.KILL);

        // Then
        assertLeaves(scenario, 0);
    }

    @Test
    void ourKillCountsAsZeroAfterASecondTerm() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term().at(1000).term();

        // When
        scenario.isKilled("egress", Signal.KILL);

        // Then
        assertLeaves(scenario, 0);
    }

    @Test
    void theKillOfAnotherProcessDuringTheStopCounts137EvenWhileOthersGetOurs() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses()
                .isKilled("egress", Signal.KILL);

        // When
        scenario.isKilled("pipelock", Signal.KILL);

        // Then
        assertLeaves(scenario, 137);
    }

    @Test
    void anExitOfItsOwnAfterOurKillStillCounts() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term().at(8000).timePasses();

        // When
        scenario.exits("egress", 4);

        // Then
        assertLeaves(scenario, 4);
    }

    @Test
    void anExitOfItsOwnCountsEvenIfItComesAfterItWasGivenUp() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses()
                .at(2500)
                .timePasses();

        // When
        scenario.exits("egress", 4).exits("pipelock", 0);

        // Then
        assertLeaves(scenario, 4);
    }

    @Test
    void theFirstProcessDeterminesTheCodeNotItsSession() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress"))
                .at(0)
                .term()
                .exitsBeforeItsSession("egress", 6)
                .at(8000)
                .timePasses();

        // When
        scenario.sessionEmptied("egress");

        // Then
        assertLeaves(scenario, 6);
    }

    @Test
    void aTeardownsCodeIsThatOfItsCause() {
        // Given
        Scenario scenario = Scenario.up(
                bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock"), daemon("git-gate")));

        // When
        scenario.exits("egress", 3).exits("pipelock", 9).isKilled("git-gate", signal("SEGV"));

        // Then
        assertLeaves(scenario, 3);
    }

    @Test
    void aTeardownCausedByExitCodeZeroLeavesWithZero() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")));

        // When
        scenario.exits("egress", 0).exits("pipelock", 9);

        // Then
        assertLeaves(scenario, 0);
    }

    @Test
    void aTeardownsCodeIsThatOfItsCauseEvenAfterAnEarlierDeath() {
        // Given
        Scenario scenario = Scenario.up(
                        bundle(FailurePolicy.LEAVE, "8s", daemon("egress"), daemon("pipelock", FailurePolicy.TEARDOWN)))
                .exits("egress", 99);

        // When
        scenario.isKilled("pipelock", Signal.INT);

        // Then
        assertLeaves(scenario, 130);
    }

    @Test
    void aTermDuringATeardownDoesNotChangeItsCode() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .exits("egress", 3)
                .at(100)
                .term();

        // When
        scenario.exits("pipelock", 9);

        // Then
        assertLeaves(scenario, 3);
    }

    @Test
    void aTeardownBeginsOnlyOnce() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .term();

        // When: deaths in a requested stop
        scenario.exits("egress", 3).exits("pipelock", 9);

        // Then
        assertThat(Scenario.lines(scenario.allEffects())).noneMatch(line -> line.contains("egress exited);"));
        assertLeaves(scenario, 9);
    }

    @Test
    void aFailureToStartThatCausesATeardownGivesItsCode() {
        // Given
        Scenario scenario = Scenario.of(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .begin();

        // When
        scenario.startFailed("egress");

        // Then
        assertLeaves(scenario, 127);
    }

    private static void assertLeaves(Scenario scenario, int code) {
        assertThat(scenario.effects()).endsWith(new Effect.Leave(code));
        assertThat(scenario.allEffects())
                .filteredOn(effect -> effect instanceof Effect.Leave)
                .hasSize(1);
    }

    private static Signal signal(String name) {
        return Signal.parse(name).orElseThrow();
    }
}
