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
    void underLeaveTheOthersKeepRunning() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock", "git-gate"));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.words()).containsExactly("exited", "running", "running");
        assertThat(scenario.signals()).isEmpty();
    }

    @Test
    void underLeaveADeathIsLoggedOnceAndNothingElseHappens() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.actions())
                .containsExactly(Scenario.sayAfterLastWords("egress", "egress exited with code 1" + LEAVE_CLAUSE));
        assertThat(scenario.state().deadline()).isEmpty();
    }

    @Test
    void underLeaveTheRemainingSessionGetsNoSignal() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.exitsBeforeItsSession("egress", 1).at(60_000).timePasses();

        // Then
        assertThat(Scenario.signals(scenario.allEffects())).isEmpty();
        assertThat(scenario.words()).containsExactly("exited", "running");
        assertThat(scenario.state().deadline()).isEmpty();
    }

    @Test
    void theRemainingSessionIsWatchedUntilItIsEmpty() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).exitsBeforeItsSession("egress", 1);
        boolean watchedBefore = scenario.daemon("egress").sessionToWatch().equals(OptionalInt.of(100));

        // When
        scenario.sessionEmptied("egress");

        // Then
        assertThat(watchedBefore).isTrue();
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.state().watchesSessions()).isFalse();
        assertThat(scenario.term().signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aRemainingSessionDoesNotDelayTheEndWhenAllDaemonsHaveExited() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).exitsBeforeItsSession("egress", 3);

        // When
        scenario.exitsBeforeItsSession("pipelock", 1);

        // Then
        assertThat(Scenario.signals(scenario.allEffects())).isEmpty();
        assertThat(scenario.effects()).endsWith(new Effect.Leave(3));
    }

    @Test
    void underLeaveADeadGuardMakesTheBundleUnreadyButNotUnstarted() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));
        boolean readyBefore = scenario.state().ready();

        // When
        scenario.exits("egress", 0);

        // Then
        assertThat(readyBefore).isTrue();
        assertThat(scenario.state().ready()).isFalse();
        assertThat(scenario.daemon("egress").ready()).isFalse();
        assertThat(scenario.daemon("pipelock").ready()).isTrue();
        assertThat(scenario.state().started()).isTrue();
    }

    @Test
    void exitCodeZeroIsADeathToo() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.exits("egress", 0);

        // Then
        assertThat(scenario.lines()).containsExactly("egress exited with code 0" + LEAVE_CLAUSE);
        assertThat(scenario.daemon("egress").gaps().isOpen()).isTrue();
    }

    @Test
    void aDeathBySignalIsLoggedWithTheSignalsName() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.isKilled("egress", Signal.TERM);

        // Then
        assertThat(scenario.lines()).containsExactly("egress exited with code 143 (SIGTERM)" + LEAVE_CLAUSE);
    }

    @Test
    void aFailureToStartIsLoggedInsteadOfAnExit() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock")).begin();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(Scenario.lines(scenario.allEffects()))
                .containsExactly(
                        "starting egress",
                        "cannot start egress: /bin/egress: No such file or directory" + LEAVE_CLAUSE,
                        "starting pipelock");
    }

    @Test
    void underTeardownADeathStopsTheBundle() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")));

        // When
        scenario.exits("egress", 3);

        // Then
        assertThat(scenario.actions())
                .containsExactly(
                        Scenario.sayAfterLastWords("egress", "egress exited with code 3; shutting down the bundle"),
                        Scenario.say("shutting down (egress exited); forwarding SIGTERM"),
                        new Effect.SignalSession("pipelock", Signal.TERM),
                        new Effect.SignalSession("pipelock", Signal.CONT));
        assertThat(scenario.words()).containsExactly("exited", "stopping");
    }

    @Test
    void aKillForLackOfMemoryIsInTheLine() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.on(new Event.Exited("egress", new ExitStatus.Killed(Signal.KILL, false), false, true));

        // Then
        assertThat(scenario.lines())
                .containsExactly("egress exited with code 137 (SIGKILL, out of memory)" + LEAVE_CLAUSE);
    }

    @Test
    void underTeardownAFailureToStartStopsTheBundleAndStartsNothingMore() {
        // Given
        Scenario scenario = Scenario.of(
                        bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock"), daemon("git-gate")))
                .begin()
                .started("egress", 12);

        // When
        scenario.startFailed("pipelock");

        // Then
        assertThat(scenario.lines())
                .containsExactly(
                        "cannot start pipelock: /bin/pipelock: No such file or directory; shutting down the bundle",
                        "shutting down (pipelock exited); forwarding SIGTERM");
        assertThat(scenario.words()).containsExactly("stopping", "exited", "exited");
        assertThat(scenario.daemon("git-gate").starts()).isZero();
    }

    @Test
    void underTeardownADeathDuringTheNextStartStopsThatDaemonToo() {
        // Given
        Scenario scenario = Scenario.of(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .begin()
                .started("egress", 12);

        // When
        scenario.exits("egress", 3).started("pipelock", 13);

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void deathsDuringATeardownAreLoggedWithoutAPolicy() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")));

        // When
        scenario.exits("egress", 3).exits("pipelock", 4);

        // Then
        assertThat(scenario.lines()).containsExactly("pipelock exited with code 4");
    }

    @Test
    void theDaemonsOwnPolicyOverridesTheBundles() {
        // Given
        Scenario teardown = Scenario.up(
                bundle(FailurePolicy.LEAVE, "8s", daemon("egress", FailurePolicy.TEARDOWN), daemon("pipelock")));
        Scenario leave = Scenario.up(
                bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress", FailurePolicy.LEAVE), daemon("pipelock")));

        // When
        teardown.exits("egress", 1);
        leave.exits("egress", 1);

        // Then
        assertThat(teardown.words()).containsExactly("exited", "stopping");
        assertThat(leave.words()).containsExactly("exited", "running");
    }
}
