package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StopTest {

    @Test
    void theFirstTermStopsEverySessionAtTheSameTime() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.term();

        // Then
        assertThat(scenario.lines()).containsExactly("shutting down (SIGTERM); forwarding SIGTERM");
        assertThat(scenario.signals())
                .containsExactly(
                        "SIGTERM to egress", "SIGCONT to egress", "SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(scenario.words()).containsExactly("stopping", "stopping");
        assertThat(scenario.state().ready()).isFalse();
    }

    @Test
    void anIntStopsAsATermDoes() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress"));

        // When
        scenario.interrupt();

        // Then
        assertThat(scenario.lines()).containsExactly("shutting down (SIGINT); forwarding SIGTERM");
        assertThat(scenario.signals()).containsExactly("SIGTERM to egress", "SIGCONT to egress");
    }

    @Test
    void aDaemonGetsItsOwnStopSignal() {
        // Given
        Scenario scenario = Scenario.up(
                bundle(FailurePolicy.LEAVE, "8s", daemon("egress", Signal.INT), daemon("pipelock", Signal.HUP)));

        // When
        scenario.term();

        // Then
        assertThat(scenario.signals())
                .containsExactly("SIGINT to egress", "SIGCONT to egress", "SIGHUP to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void deadDaemonsGetNoSignal() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).exits("egress", 1);

        // When
        scenario.term();

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void leavesAsSoonAsTheLastDaemonIsDown() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).at(0).term();

        // When
        scenario.at(3).exits("pipelock", 0).at(7).isKilled("egress", Signal.TERM);

        // Then
        assertThat(scenario.actions())
                .containsExactly(
                        Scenario.sayAfterLastWords("egress", "egress exited with code 143 (SIGTERM)"),
                        new Effect.Leave(0));
    }

    @Test
    void nothingIsKilledBeforeTheGrace() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term();

        // When
        scenario.at(7999).timePasses();

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.deadlineMillis()).isEqualTo(8000);
    }

    @Test
    void atTheGraceAllRemainingDaemonsAreKilled() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock", "git-gate"))
                .at(0)
                .term()
                .exits("pipelock", 0);

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (8s) elapsed; SIGKILL on egress, git-gate");
        assertThat(scenario.signals()).containsExactly("SIGKILL to egress", "SIGKILL to git-gate");
    }

    @Test
    void theLogLineHasTheGraceAsItWasConfigured() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "08000ms", daemon("egress")))
                .at(0)
                .term();

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (08000ms) elapsed; SIGKILL on egress");
    }

    @Test
    void aDaemonsOwnGraceBringsItsKillForward() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "5s"), daemon("pipelock")))
                .at(0)
                .term();
        long deadline = scenario.deadlineMillis();

        // When
        scenario.at(5000).timePasses();

        // Then
        assertThat(deadline).isEqualTo(5000);
        assertThat(scenario.lines()).containsExactly("grace (5s) elapsed; SIGKILL on egress");
        assertThat(scenario.signals()).containsExactly("SIGKILL to egress");
        assertThat(scenario.isKilled("egress", Signal.KILL).deadlineMillis()).isEqualTo(8000);
    }

    @Test
    void aDaemonsOwnGraceIsLimitedByTheBundles() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "2s", daemon("egress", "5s")))
                .at(0)
                .term();

        // When
        scenario.at(2000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (2s) elapsed; SIGKILL on egress");
    }

    @Test
    void daemonsWithTheSameGraceShareOneLine() {
        // Given
        Scenario scenario = Scenario.up(bundle(
                        FailurePolicy.LEAVE,
                        "8s",
                        daemon("egress", "5s"),
                        daemon("pipelock", "2s"),
                        daemon("git-gate", "5s"),
                        daemon("supervise")))
                .at(0)
                .term();

        // When: the timer is late
        scenario.at(6000).timePasses();

        // Then
        assertThat(scenario.lines())
                .containsExactly(
                        "grace (5s) elapsed; SIGKILL on egress, git-gate", "grace (2s) elapsed; SIGKILL on pipelock");
    }

    @Test
    void aDaemonsOwnGraceCountsFromItsStopSignal() {
        // Given
        Scenario scenario = Scenario.of(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "5s")))
                .begin()
                .at(0)
                .term();

        // When
        scenario.at(1000).started("egress", 12);

        // Then
        assertThat(scenario.deadlineMillis()).isEqualTo(6000);
        assertThat(scenario.at(6000).timePasses().lines()).containsExactly("grace (5s) elapsed; SIGKILL on egress");
    }

    @Test
    void theBundlesGraceLimitsThatOfALateStartAndIsTheOneInTheLogLine() {
        // Given
        Scenario scenario = Scenario.of(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "5s")))
                .begin()
                .at(0)
                .term();

        // When
        scenario.at(4000).started("egress", 12);

        // Then
        assertThat(scenario.deadlineMillis()).isEqualTo(8000);
        assertThat(scenario.at(8000).timePasses().lines()).containsExactly("grace (8s) elapsed; SIGKILL on egress");
    }

    @Test
    void aSecondTermWithinASecondIsIgnored() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term();

        // When
        scenario.at(999).term();

        // Then
        assertThat(scenario.effects()).isEmpty();
    }

    @Test
    void aSecondTermAfterASecondKillsTheRemainingDaemons() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock", "git-gate"))
                .at(0)
                .term()
                .exits("egress", 0);

        // When
        scenario.at(1000).term();

        // Then
        assertThat(scenario.lines()).containsExactly("SIGTERM again; SIGKILL on pipelock, git-gate");
        assertThat(scenario.signals()).containsExactly("SIGKILL to pipelock", "SIGKILL to git-gate");
    }

    @Test
    void theSecondCountsFromTheFirstTermNotFromAnIgnoredOne() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term().at(900).term();

        // When
        scenario.at(1000).interrupt();

        // Then
        assertThat(scenario.lines()).containsExactly("SIGINT again; SIGKILL on egress");
    }

    @Test
    void aThirdTermIsIgnored() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term().at(1000).term();

        // When
        scenario.at(1200).term().at(2500).term();

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(Scenario.signals(scenario.allEffects())).containsOnlyOnce("SIGKILL to egress");
    }

    @Test
    void aTermAfterTheGraceIsIgnored() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term().at(8000).timePasses();

        // When
        scenario.at(8100).term();

        // Then
        assertThat(scenario.effects()).isEmpty();
    }

    @Test
    void noKillRoundFollowsASecondTerm() {
        // Given
        Scenario scenario =
                Scenario.up(bundle("egress", "pipelock")).at(0).term().at(7900).term();

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.effects()).isEmpty();
    }

    @Test
    void theFirstTermDuringATeardownKillsNothing() {
        // Given
        Scenario scenario = tornDown();

        // When
        scenario.at(3000).term();

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.deadlineMillis()).isEqualTo(8000);
    }

    @Test
    void theSecondTermDuringATeardownKillsASecondAfterTheFirst() {
        // Given
        Scenario scenario = tornDown().at(3000).term();

        // When
        scenario.at(3999).term();
        boolean early = scenario.effects().isEmpty();
        scenario.at(4000).term();

        // Then
        assertThat(early).isTrue();
        assertThat(scenario.lines()).containsExactly("SIGTERM again; SIGKILL on pipelock");
    }

    @Test
    void theGraceOfATeardownCountsFromTheDeath() {
        // Given
        Scenario scenario = tornDown();

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (8s) elapsed; SIGKILL on pipelock");
    }

    @Test
    void theStopWaitsForSessionMembersThatOutliveTheirLeader() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term();

        // When
        scenario.exitsBeforeItsSession("egress", 0);

        // Then
        assertThat(scenario.actions())
                .containsExactly(Scenario.sayAfterLastWords("egress", "egress exited with code 0"));
        assertThat(scenario.words()).containsExactly("stopping");
        assertThat(scenario.daemon("egress").pid()).isEmpty();
        assertThat(scenario.sessionEmptied("egress").effects()).containsExactly(new Effect.Leave(0));
    }

    @Test
    void sessionMembersThatOutliveTheirLeaderAreKilledAtTheGrace() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term().exitsBeforeItsSession("egress", 0);

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (8s) elapsed; SIGKILL on egress");
        assertThat(scenario.signals()).containsExactly("SIGKILL to egress");
        assertThat(scenario.sessionEmptied("egress").effects()).containsExactly(new Effect.Leave(0));
    }

    @Test
    void theSessionOfADeadDaemonGetsAStopSignalAndTheStopWaitsForIt() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"))
                .exitsBeforeItsSession("egress", 3)
                .at(0);

        // When
        scenario.term();

        // Then
        assertThat(scenario.signals())
                .containsExactly(
                        "SIGTERM to egress", "SIGCONT to egress", "SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(scenario.words()).containsExactly("stopping", "stopping");
        assertThat(scenario.daemon("egress").pid()).isEmpty();
        assertThat(scenario.daemon("egress").startedAt()).isEmpty();
        assertThat(scenario.daemon("egress").session()).hasValue(100);
        assertThat(scenario.exits("pipelock", 0).words()).containsExactly("stopping", "exited");
        assertThat(scenario.sessionEmptied("egress").effects()).containsExactly(new Effect.Leave(3));
    }

    @Test
    void theSessionOfADeadDaemonGetsTheDaemonsOwnStopSignal() {
        // Given
        Scenario scenario = Scenario.up(
                        bundle(FailurePolicy.LEAVE, "8s", daemon("egress", Signal.INT), daemon("pipelock")))
                .exitsBeforeItsSession("egress", 3);

        // When
        scenario.term();

        // Then
        assertThat(scenario.signals()).startsWith("SIGINT to egress", "SIGCONT to egress");
    }

    @Test
    void theSessionOfADeadDaemonIsKilledAtTheDaemonsGrace() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .exitsBeforeItsSession("egress", 3)
                .at(0)
                .term();

        // When
        scenario.at(2000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (2s) elapsed; SIGKILL on egress");
        assertThat(scenario.signals()).containsExactly("SIGKILL to egress");
    }

    @Test
    void theSessionOfADeadDaemonIsKilledByASecondTerm() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"))
                .exitsBeforeItsSession("egress", 3)
                .at(0)
                .term();

        // When
        scenario.at(1000).term();

        // Then
        assertThat(scenario.lines()).containsExactly("SIGTERM again; SIGKILL on egress, pipelock");
    }

    @Test
    void aSecondTermGivesADaemonThatSigkillDoesNotEndNoMoreTime() {
        // Given its own grace is over, and it got SIGKILL
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses();

        // When
        scenario.at(2400).term().at(2500).timePasses();

        // Then
        assertThat(scenario.lines()).contains("SIGKILL does not end egress; leaving without it");
    }

    @Test
    void theSessionOfADeadDaemonThatSigkillDoesNotEndIsNoLongerWatched() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .exitsBeforeItsSession("egress", 3)
                .at(0)
                .term()
                .at(2000)
                .timePasses();

        // When
        scenario.at(2500).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("SIGKILL does not end egress; leaving without it");
        assertThat(scenario.daemon("egress").sessionToWatch()).isEmpty();
        assertThat(scenario.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(3));
    }

    @Test
    void theEndOfADeadDaemonsSessionIsNoSecondExit() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"))
                .exitsBeforeItsSession("egress", 3)
                .at(0);
        LastExit death = scenario.daemon("egress").lastExit().orElseThrow();

        // When
        scenario.at(100).term().at(200).sessionEmptied("egress");

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.daemon("egress").lastExit()).hasValue(death);
        assertThat(scenario.allNotifications()).containsOnlyOnce("daemon.exited egress, exited");
        assertThat(scenario.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(3));
    }

    @Test
    void aTeardownStopsTheSessionOfItsCause() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress")))
                .at(0);

        // When
        scenario.exitsBeforeItsSession("egress", 3);

        // Then
        assertThat(scenario.actions())
                .containsExactly(
                        Scenario.sayAfterLastWords("egress", "egress exited with code 3; shutting down the bundle"),
                        Scenario.say("shutting down (egress exited); forwarding SIGTERM"),
                        new Effect.SignalSession("egress", Signal.TERM),
                        new Effect.SignalSession("egress", Signal.CONT));
        assertThat(scenario.deadlineMillis()).isEqualTo(8000);
        assertThat(scenario.sessionEmptied("egress").effects()).containsExactly(new Effect.Leave(3));
    }

    @Test
    void aProcessThatSigkillDoesNotEndIsGivenUpAfterHalfASecond() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"))
                .at(0)
                .term()
                .exits("pipelock", 0)
                .at(8000)
                .timePasses();

        // When
        scenario.at(8499).timePasses();
        boolean early = scenario.effects().isEmpty();
        scenario.at(8500).timePasses();

        // Then
        assertThat(early).isTrue();
        assertThat(scenario.effects()).endsWith(new Effect.Leave(0));
        assertThat(scenario.words()).containsExactly("exited", "exited");
    }

    @Test
    void theLateExitOfAProcessThatWasGivenUpIsLogged() {
        // Given
        Scenario scenario = givenUp();

        // When
        scenario.at(3000).isKilled("egress", Signal.KILL);

        // Then
        assertThat(scenario.lines()).containsExactly("egress exited with code 137 (SIGKILL)");
        assertThat(scenario.daemon("egress").lastExit().orElseThrow().text()).isEqualTo("137 (SIGKILL)");
        assertThat(scenario.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(0));
    }

    @Test
    void theLateEndOfASessionThatWasGivenUpIsIgnored() {
        // Given
        Scenario scenario = givenUp();

        // When
        scenario.at(3000)
                .on(new Event.Exited("egress", new ExitStatus.Killed(Signal.KILL, false), true, null))
                .sessionEmptied("egress");

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.words()).containsExactly("exited", "stopping");
    }

    @Test
    void theLateEndOfSessionMembersThatWereGivenUpIsIgnored() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .exitsBeforeItsSession("egress", 0)
                .at(2000)
                .timePasses()
                .at(2500)
                .timePasses();

        // When
        scenario.at(3000).sessionEmptied("egress");

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.words()).containsExactly("exited", "stopping");
    }

    @Test
    void aPauseOfUsGivesMoreTimeBeforeTheKillAndAfterIt() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term();

        // When
        scenario.at(3000).on(new Event.Resumed(Duration.ofSeconds(2)));
        long kill = scenario.deadlineMillis();
        scenario.at(kill).timePasses();
        scenario.at(12_000).on(new Event.Resumed(Duration.ofSeconds(2)));

        // Then
        assertThat(kill).isEqualTo(8000 + 2000);
        assertThat(scenario.deadlineMillis()).isEqualTo(kill + 500 + 2000);
    }

    @Test
    void theTimeOfTheStopIsKnownAfterLeaving() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(50).term();
        long began = scenario.now().nanos();

        // When
        scenario.at(70).exits("egress", 0);

        // Then
        assertThat(scenario.state().phase()).isEqualTo(new Phase.Over(OptionalLong.of(began)));
    }

    @Test
    void nothingHappensAfterLeaving() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term().exits("egress", 0);

        // When
        scenario.at(9000).term().timePasses().exits("egress", 1);

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.state().deadline()).isEmpty();
        assertThat(scenario.state().ready()).isFalse();
        assertThat(scenario.state().phase().word()).isEqualTo("stopping");
    }

    /** {@code egress} died at 0, {@code pipelock} stops. */
    private static Scenario tornDown() {
        return Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .at(0)
                .exits("egress", 1);
    }

    /** {@code egress} is given up at 2.5 s, {@code pipelock} has a grace of 8 s. */
    private static Scenario givenUp() {
        return Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses()
                .at(2500)
                .timePasses();
    }
}
