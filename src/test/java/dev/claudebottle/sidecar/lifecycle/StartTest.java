package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import org.junit.jupiter.api.Test;

class StartTest {

    @Test
    void startsInTheBundlesOrderOneAnswerAfterTheOther() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock"));

        // When
        scenario.begin().started("egress", 12);

        // Then
        assertThat(scenario.words()).containsExactly("running", "starting");
        assertThat(Scenario.actions(scenario.allEffects()))
                .containsExactly(
                        Scenario.say("starting egress"), new Effect.Start("egress"),
                        Scenario.say("starting pipelock"), new Effect.Start("pipelock"));
    }

    @Test
    void aDaemonThatCannotBeStartedDoesNotStopTheStartOfTheOthers() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock")).begin();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.words()).containsExactly("exited", "starting");
        assertThat(scenario.effects()).endsWith(new Effect.Start("pipelock"));
    }

    @Test
    void aDeathDuringTheNextStartStartsNoDaemonTwice() {
        // Given
        Scenario scenario =
                Scenario.of(bundle("egress", "pipelock", "git-gate")).begin().started("egress", 12);

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.effects()).noneMatch(effect -> effect instanceof Effect.Start);
        assertThat(scenario.words()).containsExactly("exited", "starting", "waiting");
    }

    @Test
    void aTermBeforeTheFirstStartLeavesWithZeroAndStartsNothing() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock"));

        // When
        scenario.term();

        // Then
        assertThat(scenario.actions())
                .containsExactly(Scenario.say("shutting down (SIGTERM); forwarding SIGTERM"), new Effect.Leave(0));
        assertThat(scenario.begin().effects()).isEmpty();
    }

    @Test
    void afterATermBetweenTwoStartsNothingStarts() {
        // Given
        Scenario scenario =
                Scenario.of(bundle("egress", "pipelock", "git-gate")).begin().started("egress", 12);

        // When
        scenario.term().started("pipelock", 13).exits("egress", 0).exits("pipelock", 0);

        // Then
        assertThat(scenario.allEffects()).doesNotContain(new Effect.Start("git-gate"));
        assertThat(scenario.daemon("git-gate").starts()).isZero();
        assertThat(scenario.actions())
                .containsExactly(
                        Scenario.sayAfterLastWords("pipelock", "pipelock exited with code 0"), new Effect.Leave(0));
    }

    @Test
    void aTermDuringAStartStopsThatDaemonAsSoonAsItRuns() {
        // Given
        Scenario scenario =
                Scenario.of(bundle("egress", "pipelock")).begin().at(0).term();

        // When
        scenario.at(20).started("egress", 12);

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to egress", "SIGCONT to egress");
        assertThat(scenario.words()).containsExactly("stopping", "exited");
    }

    @Test
    void aStopWaitsForTheAnswerOfAStart() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock")).begin();

        // When
        scenario.term();

        // Then
        assertThat(scenario.words()).containsExactly("starting", "exited");
        assertThat(scenario.effects()).noneMatch(effect -> effect instanceof Effect.Leave);
    }

    @Test
    void aStartThatFailsDuringTheStopIsLoggedWithoutAPolicyAndLeaves() {
        // Given
        Scenario scenario = Scenario.of(bundle(FailurePolicy.TEARDOWN, "8s", Bundles.daemon("egress")))
                .begin()
                .term();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.actions())
                .containsExactly(
                        Scenario.say("cannot start egress: /bin/egress: No such file or directory"),
                        new Effect.Leave(127));
    }

    @Test
    void aDaemonThatStartsAfterASecondTermIsKilledAtOnce() {
        // Given
        Scenario scenario =
                Scenario.of(bundle("egress")).begin().at(0).term().at(1000).term();

        // When
        scenario.at(1100).started("egress", 12);

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to egress", "SIGCONT to egress", "SIGKILL to egress");
    }

    @Test
    void aDaemonThatStartsAfterTheGraceIsKilledWithoutAnotherGrace() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress")).begin().at(0).term();

        // When
        scenario.at(9000).started("egress", 12);

        // Then
        assertThat(scenario.deadlineMillis()).isLessThanOrEqualTo(9000);
        assertThat(scenario.timePasses().signals()).containsExactly("SIGKILL to egress");
    }
}
