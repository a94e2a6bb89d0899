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
    void allObeyAndTheCodeIsZero() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).term();

        // When
        story.isKilled("egress", Signal.TERM).exits("pipelock", 0);

        // Then
        assertLeaves(story, 0);
    }

    @Test
    void aCrashThenASignalSurfacesTheCrashsCode() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).exits("egress", 7);

        // When
        story.term().isKilled("pipelock", Signal.TERM);

        // Then
        assertLeaves(story, 7);
    }

    @Test
    void allDieUnattendedAndTheHighestCodeWins() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock", "git-gate"));

        // When
        story.exits("egress", 3).isKilled("git-gate", Signal.KILL).exits("pipelock", 5);

        // Then
        assertLeaves(story, 137);
        assertThat(story.lines()).noneMatch(line -> line.startsWith("shutting down"));
    }

    @Test
    void nothingButFailuresToStartLeavesToo() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin();

        // When
        story.startFailed("egress").on(new Event.StartFailed("pipelock", 126, "/bin/pipelock", "Permission denied"));

        // Then
        assertLeaves(story, 127);
    }

    @Test
    void anEmptyBundleLeavesWithZero() {
        // Given
        Story story = Story.of(bundle());

        // When
        story.begin();

        // Then
        assertLeaves(story, 0);
    }

    @ParameterizedTest(name = "stop signal {0}, exits with {1}: {2}")
    @CsvSource({
        "TERM, 0, 0", "TERM, 1, 1", "TERM, 255, 255", "TERM, 143, 0", "TERM, 130, 130", "TERM, 142, 142",
        "INT, 130, 0", "INT, 143, 143", "HUP, 129, 0", "KILL, 137, 0", "TERM, 137, 137", "TERM, 15, 15"
    })
    void anExitDuringTheStopCountsUnlessItTellsOfTheStopSignal(String stopSignal, int code, int expected) {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", signal(stopSignal))))
                .term();

        // When
        story.exits("egress", code);

        // Then
        assertLeaves(story, expected);
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
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", signal(stopSignal))))
                .term();

        // When
        story.isKilled("egress", signal(by));

        // Then
        assertLeaves(story, expected);
    }

    @Test
    void anExitThatTellsOfTheStopSignalCountsBeforeTheStop() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).exits("egress", 143);

        // When
        story.term().exits("pipelock", 143);

        // Then
        assertLeaves(story, 143);
    }

    @Test
    void anEndByTheStopSignalCountsBeforeTheStop() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).isKilled("egress", Signal.TERM);

        // When
        story.term().exits("pipelock", 0);

        // Then
        assertLeaves(story, 143);
    }

    @Test
    void ourKillCountsAsZeroAfterTheGrace() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term().at(8000).timePasses();

        // When
        story.isKilled("egress", Signal.KILL);

        // Then
        assertLeaves(story, 0);
    }

    @Test
    void ourKillCountsAsZeroAfterASecondTerm() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term().at(1000).term();

        // When
        story.isKilled("egress", Signal.KILL);

        // Then
        assertLeaves(story, 0);
    }

    @Test
    void someoneElsesKillDuringTheStopCounts137AlsoWhileOthersGetOurs() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses()
                .isKilled("egress", Signal.KILL);

        // When
        story.isKilled("pipelock", Signal.KILL);

        // Then
        assertLeaves(story, 137);
    }

    @Test
    void anExitOfItsOwnAfterOurKillStillCounts() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term().at(8000).timePasses();

        // When
        story.exits("egress", 4);

        // Then
        assertLeaves(story, 4);
    }

    @Test
    void anExitOfItsOwnCountsEvenIfItComesAfterItWasGivenUp() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses()
                .at(2500)
                .timePasses();

        // When
        story.exits("egress", 4).exits("pipelock", 0);

        // Then
        assertLeaves(story, 4);
    }

    @Test
    void theLeaderDecidesTheCodeNotItsGroup() {
        // Given
        Story story = Story.up(bundle("egress"))
                .at(0)
                .term()
                .exitsBeforeItsGroup("egress", 6)
                .at(8000)
                .timePasses();

        // When
        story.groupEmptied("egress");

        // Then
        assertLeaves(story, 6);
    }

    @Test
    void aTeardownsCodeIsThatOfItsCause() {
        // Given
        Story story = Story.up(
                bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock"), daemon("git-gate")));

        // When
        story.exits("egress", 3).exits("pipelock", 9).isKilled("git-gate", signal("SEGV"));

        // Then
        assertLeaves(story, 3);
    }

    @Test
    void aTeardownCausedByExitCodeZeroLeavesWithZero() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")));

        // When
        story.exits("egress", 0).exits("pipelock", 9);

        // Then
        assertLeaves(story, 0);
    }

    @Test
    void aTeardownsCodeIsThatOfItsCauseAlsoWhenSomeoneDiedBefore() {
        // Given
        Story story = Story.up(
                        bundle(FailurePolicy.LEAVE, "8s", daemon("egress"), daemon("pipelock", FailurePolicy.TEARDOWN)))
                .exits("egress", 99);

        // When
        story.isKilled("pipelock", Signal.INT);

        // Then
        assertLeaves(story, 130);
    }

    @Test
    void aTermDuringATeardownDoesNotChangeItsCode() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .exits("egress", 3)
                .at(100)
                .term();

        // When
        story.exits("pipelock", 9);

        // Then
        assertLeaves(story, 3);
    }

    @Test
    void aTeardownBeginsOnlyOnce() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .term();

        // When: deaths in a stop that was asked for
        story.exits("egress", 3).exits("pipelock", 9);

        // Then
        assertThat(Story.lines(story.allEffects())).noneMatch(line -> line.contains("egress exited);"));
        assertLeaves(story, 9);
    }

    @Test
    void aFailureToStartThatCausesATeardownGivesItsCode() {
        // Given
        Story story = Story.of(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .begin();

        // When
        story.startFailed("egress");

        // Then
        assertLeaves(story, 127);
    }

    private static void assertLeaves(Story story, int code) {
        assertThat(story.effects()).endsWith(new Effect.Leave(code));
        assertThat(story.allEffects())
                .filteredOn(effect -> effect instanceof Effect.Leave)
                .hasSize(1);
    }

    private static Signal signal(String name) {
        return Signal.parse(name).orElseThrow();
    }
}
