package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import org.junit.jupiter.api.Test;

class StartTest {

    @Test
    void startsInTheBundlesOrderAndAnswerByAnswer() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock"));

        // When
        story.begin().started("egress", 12);

        // Then
        assertThat(story.words()).containsExactly("running", "starting");
        assertThat(Story.deeds(story.allEffects()))
                .containsExactly(
                        new Effect.Say("starting egress"), new Effect.Start("egress"),
                        new Effect.Say("starting pipelock"), new Effect.Start("pipelock"));
    }

    @Test
    void aDaemonThatCannotBeStartedDoesNotStopTheStartOfTheOthers() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin();

        // When
        story.startFailed("egress");

        // Then
        assertThat(story.words()).containsExactly("exited", "starting");
        assertThat(story.effects()).endsWith(new Effect.Start("pipelock"));
    }

    @Test
    void aDeathDuringTheStartOfTheNextDoesNotStartOneTwice() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock", "git-gate")).begin().started("egress", 12);

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.effects()).noneMatch(effect -> effect instanceof Effect.Start);
        assertThat(story.words()).containsExactly("exited", "starting", "waiting");
    }

    @Test
    void aTermBeforeTheFirstStartLeavesWithZeroAndStartsNothing() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock"));

        // When
        story.term();

        // Then
        assertThat(story.deeds())
                .containsExactly(new Effect.Say("shutting down (SIGTERM); forwarding SIGTERM"), new Effect.Leave(0));
        assertThat(story.begin().effects()).isEmpty();
    }

    @Test
    void aTermBetweenTwoStartsStartsNothingMore() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock", "git-gate")).begin().started("egress", 12);

        // When
        story.term().started("pipelock", 13).exits("egress", 0).exits("pipelock", 0);

        // Then
        assertThat(story.allEffects()).doesNotContain(new Effect.Start("git-gate"));
        assertThat(story.daemon("git-gate").starts()).isZero();
        assertThat(story.deeds())
                .containsExactly(
                        new Effect.SayAfterLastWords("pipelock", "pipelock exited with code 0"), new Effect.Leave(0));
    }

    @Test
    void aTermWhileAStartIsUnderWayStopsThatDaemonAsSoonAsItRuns() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin().at(0).term();

        // When
        story.at(20).started("egress", 12);

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to egress", "SIGCONT to egress");
        assertThat(story.words()).containsExactly("stopping", "exited");
    }

    @Test
    void aTermWhileAStartIsUnderWayWaitsForItsAnswer() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin();

        // When
        story.term();

        // Then
        assertThat(story.words()).containsExactly("starting", "exited");
        assertThat(story.effects()).noneMatch(effect -> effect instanceof Effect.Leave);
    }

    @Test
    void aStartThatFailsDuringTheStopIsSaidWithoutAPolicyAndLeaves() {
        // Given
        Story story = Story.of(bundle(FailurePolicy.TEARDOWN, "8s", Bundles.daemon("egress")))
                .begin()
                .term();

        // When
        story.startFailed("egress");

        // Then
        assertThat(story.deeds())
                .containsExactly(
                        new Effect.Say("cannot start egress: /bin/egress: No such file or directory"),
                        new Effect.Leave(127));
    }

    @Test
    void aStartThatEndsAfterASecondTermIsKilledAtOnce() {
        // Given
        Story story = Story.of(bundle("egress")).begin().at(0).term().at(1000).term();

        // When
        story.at(1100).started("egress", 12);

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to egress", "SIGCONT to egress", "SIGKILL to egress");
    }

    @Test
    void aStartThatEndsAfterTheGraceIsKilledWithoutAnotherGrace() {
        // Given
        Story story = Story.of(bundle("egress")).begin().at(0).term();

        // When
        story.at(9000).started("egress", 12);

        // Then
        assertThat(story.deadlineMillis()).isLessThanOrEqualTo(9000);
        assertThat(story.timePasses().signals()).containsExactly("SIGKILL to egress");
    }
}
