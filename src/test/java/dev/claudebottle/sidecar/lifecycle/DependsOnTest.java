package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.dependent;
import static dev.claudebottle.sidecar.lifecycle.Bundles.onCrashLoop;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import org.junit.jupiter.api.Test;

class DependsOnTest {

    @Test
    void aDependencyStartsFirstWhateverTheBundlesOrder() {
        // Given
        Story story = Story.of(leaving(dependent(daemon("egress"), "pipelock"), daemon("pipelock")));

        // When
        story.begin();

        // Then
        assertThat(story.starts()).containsExactly("pipelock");
        assertThat(story.words()).containsExactly("waiting", "starting");
        assertThat(story.started("pipelock", 12).starts()).containsExactly("egress");
    }

    @Test
    void theOthersStartInTheBundlesOrderMeanwhile() {
        // Given
        Story story = Story.of(leaving(
                dependent(daemon("egress"), "supervise"), daemon("pipelock"), daemon("git-gate"), daemon("supervise")));

        // When
        story.begin().started("pipelock", 12).started("git-gate", 13).started("supervise", 14);

        // Then
        assertThat(story.allLines())
                .containsExactly("starting pipelock", "starting git-gate", "starting supervise", "starting egress");
    }

    @Test
    void aDependencyThatRunsButIsNotReadyHoldsBack() {
        // Given
        Story story = Story.of(leaving(dependent(daemon("egress"), "pipelock"), probed("pipelock")))
                .begin();

        // When
        story.started("pipelock", 12).fails("pipelock", ProbeKind.READINESS, "refused");
        boolean early = story.daemon("egress").starts() > 0;
        story.passes("pipelock", ProbeKind.READINESS);

        // Then
        assertThat(early).isFalse();
        assertThat(story.starts()).containsExactly("egress");
        assertThat(story.lines()).containsExactly("pipelock is ready", "starting egress");
    }

    @Test
    void everyDependencyHasToHaveBeenReady() {
        // Given
        Story story = Story.of(leaving(
                        dependent(daemon("egress"), "pipelock", "git-gate"), daemon("pipelock"), probed("git-gate")))
                .begin();

        // When
        story.started("pipelock", 12).started("git-gate", 13);
        boolean early = story.daemon("egress").starts() > 0;
        story.passes("git-gate", ProbeKind.READINESS);

        // Then
        assertThat(early).isFalse();
        assertThat(story.starts()).containsExactly("egress");
    }

    @Test
    void oneThatIsNotSelectedCountsAsMet() {
        // Given
        Story story = Story.of(leaving(dependent(daemon("egress"), "pipelock")));

        // When
        story.begin();

        // Then
        assertThat(story.starts()).containsExactly("egress");
    }

    @Test
    void havingBeenReadyOnceIsEnough() {
        // Given
        Story story = Story.of(leaving(probed("pipelock"), daemon("git-gate"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12)
                .passes("pipelock", ProbeKind.READINESS)
                .fails("pipelock", ProbeKind.READINESS, "refused");

        // When
        story.exits("pipelock", 1).started("git-gate", 13);

        // Then
        assertThat(story.starts()).containsExactly("egress");
    }

    @Test
    void restartsDoNotWait() {
        // Given
        Story story = Story.up(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .exits("egress", 1)
                .exits("pipelock", 1);

        // When
        story.at(0).comesBack("egress", 200);

        // Then
        assertThat(story.daemon("egress").state()).isInstanceOf(DaemonState.Running.class);
        assertThat(story.daemon("egress").starts()).isEqualTo(2);
    }

    @Test
    void aDependencyThatIsRestartedBeforeItWasReadyIsWaitedFor() {
        // Given
        Story story = Story.of(restarting(probed("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12);

        // When
        story.exits("pipelock", 1);

        // Then
        assertThat(story.words()).containsExactly("backoff", "waiting");
        assertThat(story.comesBack("pipelock", 13).starts()).containsExactly("egress");
    }

    @Test
    void thoseThatWaitForOneThatWasNeverReadyAreNotStarted() {
        // Given
        Story story = Story.of(leaving(
                        daemon("supervise"), probed("pipelock"), dependent(daemon("egress"), "pipelock", "supervise")))
                .begin()
                .started("supervise", 11)
                .started("pipelock", 12);

        // When
        story.exits("pipelock", 3);

        // Then
        assertThat(story.lines())
                .containsExactly(
                        "pipelock exited with code 3; leaving surviving daemons running"
                                + " (operator-visible via agent-side failure)",
                        "egress is not started: pipelock exited");
        assertThat(story.notices()).containsExactly("daemon.exited pipelock, exited");
        assertThat(story.words()).containsExactly("running", "exited", "exited");
    }

    @Test
    void theyHaveNoLastExitNoGapAndNoCode() {
        // Given
        Story story = Story.of(leaving(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin();

        // When
        story.startFailed("pipelock");

        // Then
        DaemonStatus egress = story.daemon("egress");
        assertThat(egress.lastExit()).isEmpty();
        assertThat(egress.gaps()).isEqualTo(Gaps.NONE);
        assertThat(egress.deaths()).isEqualTo(Deaths.NONE);
        assertThat(egress.starts()).isZero();
        assertThat(egress.exitCode()).isZero();
        assertThat(story.effects()).endsWith(new Effect.Leave(127));
    }

    @Test
    void noPolicyAppliesToThem() {
        // Given
        Story story = Story.of(leaving(
                        daemon("supervise"),
                        daemon("pipelock"),
                        dependent(daemon("egress", FailurePolicy.TEARDOWN), "pipelock"),
                        dependent(daemon("git-gate", FailurePolicy.RESTART), "pipelock")))
                .begin()
                .started("supervise", 11);

        // When
        story.startFailed("pipelock");

        // Then
        assertThat(story.words()).containsExactly("running", "exited", "exited", "exited");
        assertThat(story.signals()).isEmpty();
    }

    @Test
    void thoseThatWaitForThemAreNotStartedEither() {
        // Given
        Story story = Story.of(leaving(
                        daemon("a"),
                        daemon("x"),
                        dependent(daemon("d"), "c"),
                        dependent(daemon("c"), "b"),
                        dependent(daemon("b"), "a"),
                        dependent(daemon("e"), "b", "a")))
                .begin();

        // When
        story.startFailed("a");

        // Then
        assertThat(story.lines().subList(1, 6))
                .containsExactlyInAnyOrder(
                        "b is not started: a exited",
                        "c is not started: b exited",
                        "d is not started: c exited",
                        "e is not started: b exited",
                        "starting x");
        assertThat(story.words()).containsExactly("exited", "starting", "exited", "exited", "exited", "exited");
    }

    @Test
    void aCrashLoopThatEndsInLeavingEndsTheirWaitToo() {
        // Given
        Story story = Story.of(restarting(
                        onCrashLoop(CrashLoopAction.LEAVE),
                        daemon("pipelock"),
                        daemon("supervise"),
                        dependent(daemon("egress"), "pipelock")))
                .begin()
                .startFailed("pipelock")
                .started("supervise", 11);

        // When
        for (int i = 0; i < 4; i++) {
            story.at(story.deadlineMillis() + 1).timePasses().startFailed("pipelock");
        }

        // Then
        assertThat(story.lines()).endsWith("egress is not started: pipelock exited");
        assertThat(story.words()).containsExactly("exited", "running", "exited");
    }

    @Test
    void aDeathAfterBeingReadyDoesNotEndTheirWait() {
        // Given
        Story story = Story.of(leaving(
                        daemon("pipelock"), probed("git-gate"), dependent(daemon("egress"), "pipelock", "git-gate")))
                .begin()
                .started("pipelock", 11)
                .started("git-gate", 12);

        // When
        story.exits("pipelock", 1);

        // Then
        assertThat(story.words()).containsExactly("exited", "starting", "waiting");
        assertThat(story.passes("git-gate", ProbeKind.READINESS).starts()).containsExactly("egress");
    }

    @Test
    void whatWaitsExitsSilentlyInAStop() {
        // Given
        Story story = Story.of(leaving(probed("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12);

        // When
        story.term();

        // Then
        assertThat(story.lines()).containsExactly("shutting down (SIGTERM); forwarding SIGTERM");
        assertThat(story.words()).containsExactly("stopping", "exited");
        assertThat(story.exits("pipelock", 0).lines()).containsExactly("pipelock exited with code 0");
    }

    private static Bundle leaving(Daemon... daemons) {
        return bundle(FailurePolicy.LEAVE, "8s", daemons);
    }
}
