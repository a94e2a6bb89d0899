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
        Scenario scenario = Scenario.of(leaving(dependent(daemon("egress"), "pipelock"), daemon("pipelock")));

        // When
        scenario.begin();

        // Then
        assertThat(scenario.starts()).containsExactly("pipelock");
        assertThat(scenario.words()).containsExactly("waiting", "starting");
        assertThat(scenario.started("pipelock", 12).starts()).containsExactly("egress");
    }

    @Test
    void theOtherDaemonsStartInTheBundlesOrderMeanwhile() {
        // Given
        Scenario scenario = Scenario.of(leaving(
                dependent(daemon("egress"), "supervise"), daemon("pipelock"), daemon("git-gate"), daemon("supervise")));

        // When
        scenario.begin().started("pipelock", 12).started("git-gate", 13).started("supervise", 14);

        // Then
        assertThat(scenario.allLines())
                .containsExactly("starting pipelock", "starting git-gate", "starting supervise", "starting egress");
    }

    @Test
    void aDependentWaitsForADependencyThatIsNotReady() {
        // Given
        Scenario scenario = Scenario.of(leaving(dependent(daemon("egress"), "pipelock"), probed("pipelock")))
                .begin();

        // When
        scenario.started("pipelock", 12).fails("pipelock", ProbeKind.READINESS, "refused");
        boolean early = scenario.daemon("egress").starts() > 0;
        scenario.passes("pipelock", ProbeKind.READINESS);

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.starts()).containsExactly("egress");
        assertThat(scenario.lines()).containsExactly("pipelock is ready", "starting egress");
    }

    @Test
    void aDependentWaitsForEveryDependency() {
        // Given
        Scenario scenario = Scenario.of(leaving(
                        dependent(daemon("egress"), "pipelock", "git-gate"), daemon("pipelock"), probed("git-gate")))
                .begin();

        // When
        scenario.started("pipelock", 12).started("git-gate", 13);
        boolean early = scenario.daemon("egress").starts() > 0;
        scenario.passes("git-gate", ProbeKind.READINESS);

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.starts()).containsExactly("egress");
    }

    @Test
    void aDependencyThatIsNotSelectedCountsAsMet() {
        // Given
        Scenario scenario = Scenario.of(leaving(dependent(daemon("egress"), "pipelock")));

        // When
        scenario.begin();

        // Then
        assertThat(scenario.starts()).containsExactly("egress");
    }

    @Test
    void aDependencyCountsAsMetOnceItHasBeenReady() {
        // Given
        Scenario scenario = Scenario.of(
                        leaving(probed("pipelock"), daemon("git-gate"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12)
                .passes("pipelock", ProbeKind.READINESS)
                .fails("pipelock", ProbeKind.READINESS, "refused");

        // When
        scenario.exits("pipelock", 1).started("git-gate", 13);

        // Then
        assertThat(scenario.starts()).containsExactly("egress");
    }

    @Test
    void restartsDoNotWaitForDependencies() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .exits("egress", 1)
                .exits("pipelock", 1);

        // When
        scenario.at(0).comesBack("egress", 200);

        // Then
        assertThat(scenario.daemon("egress").state()).isInstanceOf(DaemonState.Running.class);
        assertThat(scenario.daemon("egress").starts()).isEqualTo(2);
    }

    @Test
    void aDependentWaitsForADependencyThatRestartsBeforeItWasReady() {
        // Given
        Scenario scenario = Scenario.of(restarting(probed("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12);

        // When
        scenario.exits("pipelock", 1);

        // Then
        assertThat(scenario.words()).containsExactly("backoff", "waiting");
        assertThat(scenario.comesBack("pipelock", 13).starts()).containsExactly("egress");
    }

    @Test
    void dependentsOfADeadDependencyThatWasNeverReadyAreNotStarted() {
        // Given
        Scenario scenario = Scenario.of(leaving(
                        daemon("supervise"), probed("pipelock"), dependent(daemon("egress"), "pipelock", "supervise")))
                .begin()
                .started("supervise", 11)
                .started("pipelock", 12);

        // When
        scenario.exits("pipelock", 3);

        // Then
        assertThat(scenario.lines())
                .containsExactly(
                        "pipelock exited with code 3; leaving surviving daemons running"
                                + " (operator-visible via agent-side failure)",
                        "egress is not started: pipelock exited");
        assertThat(scenario.notifications()).containsExactly("daemon.exited pipelock, exited");
        assertThat(scenario.words()).containsExactly("running", "exited", "exited");
    }

    @Test
    void aDependentThatIsNotStartedHasNoLastExitNoGapAndNoCode() {
        // Given
        Scenario scenario = Scenario.of(leaving(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin();

        // When
        scenario.startFailed("pipelock");

        // Then
        DaemonStatus egress = scenario.daemon("egress");
        assertThat(egress.lastExit()).isEmpty();
        assertThat(egress.gaps()).isEqualTo(Gaps.NONE);
        assertThat(egress.deaths()).isEqualTo(DeathCounts.NONE);
        assertThat(egress.starts()).isZero();
        assertThat(egress.exitCode()).isZero();
        assertThat(scenario.effects()).endsWith(new Effect.Leave(127));
    }

    @Test
    void noPolicyAppliesToADependentThatIsNotStarted() {
        // Given
        Scenario scenario = Scenario.of(leaving(
                        daemon("supervise"),
                        daemon("pipelock"),
                        dependent(daemon("egress", FailurePolicy.TEARDOWN), "pipelock"),
                        dependent(daemon("git-gate", FailurePolicy.RESTART), "pipelock")))
                .begin()
                .started("supervise", 11);

        // When
        scenario.startFailed("pipelock");

        // Then
        assertThat(scenario.words()).containsExactly("running", "exited", "exited", "exited");
        assertThat(scenario.signals()).isEmpty();
    }

    @Test
    void dependentsOfADependentThatIsNotStartedAreNotStartedEither() {
        // Given
        Scenario scenario = Scenario.of(leaving(
                        daemon("a"),
                        daemon("x"),
                        dependent(daemon("d"), "c"),
                        dependent(daemon("c"), "b"),
                        dependent(daemon("b"), "a"),
                        dependent(daemon("e"), "b", "a")))
                .begin();

        // When
        scenario.startFailed("a");

        // Then
        assertThat(scenario.lines().subList(1, 6))
                .containsExactlyInAnyOrder(
                        "b is not started: a exited",
                        "c is not started: b exited",
                        "d is not started: c exited",
                        "e is not started: b exited",
                        "starting x");
        assertThat(scenario.words()).containsExactly("exited", "starting", "exited", "exited", "exited", "exited");
    }

    @Test
    void actionLeaveInACrashLoopEndsTheWaitOfDependents() {
        // Given
        Scenario scenario = Scenario.of(restarting(
                        onCrashLoop(CrashLoopAction.LEAVE),
                        daemon("pipelock"),
                        daemon("supervise"),
                        dependent(daemon("egress"), "pipelock")))
                .begin()
                .startFailed("pipelock")
                .started("supervise", 11);

        // When
        for (int i = 0; i < 4; i++) {
            scenario.at(scenario.deadlineMillis() + 1).timePasses().startFailed("pipelock");
        }

        // Then
        assertThat(scenario.lines()).endsWith("egress is not started: pipelock exited");
        assertThat(scenario.words()).containsExactly("exited", "running", "exited");
    }

    @Test
    void aDeathAfterBeingReadyDoesNotEndTheWaitOfDependents() {
        // Given
        Scenario scenario = Scenario.of(leaving(
                        daemon("pipelock"), probed("git-gate"), dependent(daemon("egress"), "pipelock", "git-gate")))
                .begin()
                .started("pipelock", 11)
                .started("git-gate", 12);

        // When
        scenario.exits("pipelock", 1);

        // Then
        assertThat(scenario.words()).containsExactly("exited", "starting", "waiting");
        assertThat(scenario.passes("git-gate", ProbeKind.READINESS).starts()).containsExactly("egress");
    }

    @Test
    void waitingDaemonsExitSilentlyInAStop() {
        // Given
        Scenario scenario = Scenario.of(leaving(probed("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12);

        // When
        scenario.term();

        // Then
        assertThat(scenario.lines()).containsExactly("shutting down (SIGTERM); forwarding SIGTERM");
        assertThat(scenario.words()).containsExactly("stopping", "exited");
        assertThat(scenario.exits("pipelock", 0).lines()).containsExactly("pipelock exited with code 0");
    }

    private static Bundle leaving(Daemon... daemons) {
        return bundle(FailurePolicy.LEAVE, "8s", daemons);
    }
}
