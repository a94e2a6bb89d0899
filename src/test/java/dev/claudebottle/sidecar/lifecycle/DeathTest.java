package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DeathTest {

    private static final String LEAVE_CLAUSE =
            "; leaving surviving daemons running (operator-visible via agent-side failure)";

    @Test
    void underLeaveTheOthersRunOn() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock", "git-gate"));

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.words()).containsExactly("exited", "running", "running");
        assertThat(story.signals()).isEmpty();
    }

    @Test
    void underLeaveADeathIsSaidOnceAndNothingElseIsDone() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.deeds())
                .containsExactly(new Effect.SayAfterLastWords("egress", "egress exited with code 1" + LEAVE_CLAUSE));
        assertThat(story.state().deadline()).isEmpty();
    }

    @Test
    void underLeaveWhatIsLeftOfTheGroupIsLeftAlone() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.exitsBeforeItsGroup("egress", 1).at(60_000).timePasses();

        // Then
        assertThat(Story.signals(story.allEffects())).isEmpty();
        assertThat(story.words()).containsExactly("exited", "running");
        assertThat(story.state().deadline()).isEmpty();
    }

    @Test
    void whatIsLeftOfTheGroupIsWatchedUntilItIsGone() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).exitsBeforeItsGroup("egress", 1);
        boolean watchedBefore = story.daemon("egress").groupToWatch().equals(OptionalInt.of(100));

        // When
        story.groupEmptied("egress");

        // Then
        assertThat(watchedBefore).isTrue();
        assertThat(story.effects()).isEmpty();
        assertThat(story.state().watchesGroups()).isFalse();
        assertThat(story.term().signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void whatIsLeftDoesNotHoldUpTheEndWhenAllHaveExitedByThemselves() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).exitsBeforeItsGroup("egress", 3);

        // When
        story.exitsBeforeItsGroup("pipelock", 1);

        // Then
        assertThat(Story.signals(story.allEffects())).isEmpty();
        assertThat(story.effects()).endsWith(new Effect.Leave(3));
    }

    @Test
    void underLeaveADeadGuardMakesTheBundleUnreadyButNotUnstarted() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));
        boolean readyBefore = story.state().ready();

        // When
        story.exits("egress", 0);

        // Then
        assertThat(readyBefore).isTrue();
        assertThat(story.state().ready()).isFalse();
        assertThat(story.daemon("egress").ready()).isFalse();
        assertThat(story.daemon("pipelock").ready()).isTrue();
        assertThat(story.state().started()).isTrue();
    }

    @Test
    void exitCodeZeroIsADeathToo() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.exits("egress", 0);

        // Then
        assertThat(story.lines()).containsExactly("egress exited with code 0" + LEAVE_CLAUSE);
        assertThat(story.daemon("egress").gaps().isOpen()).isTrue();
    }

    @Test
    void aDeathBySignalIsSaidWithItsName() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.isKilled("egress", Signal.TERM);

        // Then
        assertThat(story.lines()).containsExactly("egress exited with code 143 (SIGTERM)" + LEAVE_CLAUSE);
    }

    @Test
    void aDaemonThatCannotBeStartedIsSaidToBeSoAndNotToHaveExited() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin();

        // When
        story.startFailed("egress");

        // Then
        assertThat(Story.lines(story.allEffects()))
                .containsExactly(
                        "starting egress",
                        "cannot start egress: /bin/egress: No such file or directory" + LEAVE_CLAUSE,
                        "starting pipelock");
    }

    @Test
    void underTeardownADeathStopsTheBundle() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")));

        // When
        story.exits("egress", 3);

        // Then
        assertThat(story.deeds())
                .containsExactly(
                        new Effect.SayAfterLastWords("egress", "egress exited with code 3; shutting down the bundle"),
                        new Effect.Say("shutting down (egress exited); forwarding SIGTERM"),
                        new Effect.SignalGroup("pipelock", Signal.TERM),
                        new Effect.SignalGroup("pipelock", Signal.CONT));
        assertThat(story.words()).containsExactly("exited", "stopping");
    }

    @Test
    void underTeardownAFailureToStartStopsTheBundleAndStartsNothingMore() {
        // Given
        Story story = Story.of(
                        bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock"), daemon("git-gate")))
                .begin()
                .started("egress", 12);

        // When
        story.startFailed("pipelock");

        // Then
        assertThat(story.lines())
                .containsExactly(
                        "cannot start pipelock: /bin/pipelock: No such file or directory; shutting down the bundle",
                        "shutting down (pipelock exited); forwarding SIGTERM");
        assertThat(story.words()).containsExactly("stopping", "exited", "exited");
        assertThat(story.daemon("git-gate").starts()).isZero();
    }

    @Test
    void underTeardownADeathWhileTheNextIsBeingStartedStopsThatOneToo() {
        // Given
        Story story = Story.of(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .begin()
                .started("egress", 12);

        // When
        story.exits("egress", 3).started("pipelock", 13);

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void deathsDuringATeardownAreSaidWithoutAPolicy() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")));

        // When
        story.exits("egress", 3).exits("pipelock", 4);

        // Then
        assertThat(story.lines()).containsExactly("pipelock exited with code 4");
    }

    @Test
    void theDaemonsOwnPolicyComesBeforeTheBundles() {
        // Given
        Story teardown = Story.up(
                bundle(FailurePolicy.LEAVE, "8s", daemon("egress", FailurePolicy.TEARDOWN), daemon("pipelock")));
        Story leave = Story.up(
                bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress", FailurePolicy.LEAVE), daemon("pipelock")));

        // When
        teardown.exits("egress", 1);
        leave.exits("egress", 1);

        // Then
        assertThat(teardown.words()).containsExactly("exited", "stopping");
        assertThat(leave.words()).containsExactly("exited", "running");
    }
}
