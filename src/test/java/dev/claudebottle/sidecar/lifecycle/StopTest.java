package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StopTest {

    @Test
    void theFirstTermStopsEveryGroupAtTheSameTime() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.term();

        // Then
        assertThat(story.lines()).containsExactly("shutting down (SIGTERM); forwarding SIGTERM");
        assertThat(story.signals())
                .containsExactly(
                        "SIGTERM to egress", "SIGCONT to egress", "SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(story.words()).containsExactly("stopping", "stopping");
        assertThat(story.state().ready()).isFalse();
    }

    @Test
    void anIntStopsAsATermDoes() {
        // Given
        Story story = Story.up(bundle("egress"));

        // When
        story.interrupt();

        // Then
        assertThat(story.lines()).containsExactly("shutting down (SIGINT); forwarding SIGTERM");
        assertThat(story.signals()).containsExactly("SIGTERM to egress", "SIGCONT to egress");
    }

    @Test
    void aDaemonGetsItsOwnStopSignal() {
        // Given
        Story story = Story.up(
                bundle(FailurePolicy.LEAVE, "8s", daemon("egress", Signal.INT), daemon("pipelock", Signal.HUP)));

        // When
        story.term();

        // Then
        assertThat(story.signals())
                .containsExactly("SIGINT to egress", "SIGCONT to egress", "SIGHUP to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void whatIsAlreadyDeadGetsNoSignal() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).exits("egress", 1);

        // When
        story.term();

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void leavesAsSoonAsTheLastDaemonIsDown() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).at(0).term();

        // When
        story.at(3).exits("pipelock", 0).at(7).isKilled("egress", Signal.TERM);

        // Then
        assertThat(story.deeds())
                .containsExactly(
                        new Effect.SayAfterLastWords("egress", "egress exited with code 143 (SIGTERM)"),
                        new Effect.Leave(0));
    }

    @Test
    void nothingIsKilledBeforeTheGrace() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term();

        // When
        story.at(7999).timePasses();

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.deadlineMillis()).isEqualTo(8000);
    }

    @Test
    void atTheGraceOneKillRoundTakesWhatIsLeft() {
        // Given
        Story story =
                Story.up(bundle("egress", "pipelock", "git-gate")).at(0).term().exits("pipelock", 0);

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("grace (8s) elapsed; SIGKILL on egress, git-gate");
        assertThat(story.signals()).containsExactly("SIGKILL to egress", "SIGKILL to git-gate");
    }

    @Test
    void theGraceIsRepeatedAsItWasGiven() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "08000ms", daemon("egress")))
                .at(0)
                .term();

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("grace (08000ms) elapsed; SIGKILL on egress");
    }

    @Test
    void aDaemonsOwnGraceBringsItsKillForward() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "5s"), daemon("pipelock")))
                .at(0)
                .term();
        long deadline = story.deadlineMillis();

        // When
        story.at(5000).timePasses();

        // Then
        assertThat(deadline).isEqualTo(5000);
        assertThat(story.lines()).containsExactly("grace (5s) elapsed; SIGKILL on egress");
        assertThat(story.signals()).containsExactly("SIGKILL to egress");
        assertThat(story.isKilled("egress", Signal.KILL).deadlineMillis()).isEqualTo(8000);
    }

    @Test
    void aDaemonsOwnGraceNeverGoesBeyondTheBundles() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "2s", daemon("egress", "5s")))
                .at(0)
                .term();

        // When
        story.at(2000).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("grace (2s) elapsed; SIGKILL on egress");
    }

    @Test
    void daemonsOfOneGraceShareItsLine() {
        // Given
        Story story = Story.up(bundle(
                        FailurePolicy.LEAVE,
                        "8s",
                        daemon("egress", "5s"),
                        daemon("pipelock", "2s"),
                        daemon("git-gate", "5s"),
                        daemon("supervise")))
                .at(0)
                .term();

        // When: the time comes late
        story.at(6000).timePasses();

        // Then
        assertThat(story.lines())
                .containsExactly(
                        "grace (5s) elapsed; SIGKILL on egress, git-gate", "grace (2s) elapsed; SIGKILL on pipelock");
    }

    @Test
    void theOwnGraceOfADaemonCountsFromItsStopSignal() {
        // Given
        Story story = Story.of(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "5s")))
                .begin()
                .at(0)
                .term();

        // When
        story.at(1000).started("egress", 12);

        // Then
        assertThat(story.deadlineMillis()).isEqualTo(6000);
        assertThat(story.at(6000).timePasses().lines()).containsExactly("grace (5s) elapsed; SIGKILL on egress");
    }

    @Test
    void theBundlesGraceEndsALateStartsOwnAndIsTheOneThatIsNamed() {
        // Given
        Story story = Story.of(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "5s")))
                .begin()
                .at(0)
                .term();

        // When
        story.at(4000).started("egress", 12);

        // Then
        assertThat(story.deadlineMillis()).isEqualTo(8000);
        assertThat(story.at(8000).timePasses().lines()).containsExactly("grace (8s) elapsed; SIGKILL on egress");
    }

    @Test
    void aSecondTermWithinASecondIsTheSameRequest() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term();

        // When
        story.at(999).term();

        // Then
        assertThat(story.effects()).isEmpty();
    }

    @Test
    void aSecondTermAfterASecondKillsWhatIsLeft() {
        // Given
        Story story =
                Story.up(bundle("egress", "pipelock", "git-gate")).at(0).term().exits("egress", 0);

        // When
        story.at(1000).term();

        // Then
        assertThat(story.lines()).containsExactly("SIGTERM again; SIGKILL on pipelock, git-gate");
        assertThat(story.signals()).containsExactly("SIGKILL to pipelock", "SIGKILL to git-gate");
    }

    @Test
    void theSecondIsCountedFromTheFirstTermNotFromOneThatWasIgnored() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term().at(900).term();

        // When
        story.at(1000).interrupt();

        // Then
        assertThat(story.lines()).containsExactly("SIGINT again; SIGKILL on egress");
    }

    @Test
    void aThirdTermIsIgnored() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term().at(1000).term();

        // When
        story.at(1200).term().at(2500).term();

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(Story.signals(story.allEffects())).containsOnlyOnce("SIGKILL to egress");
    }

    @Test
    void aTermAfterTheGraceIsIgnored() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term().at(8000).timePasses();

        // When
        story.at(8100).term();

        // Then
        assertThat(story.effects()).isEmpty();
    }

    @Test
    void noGraceRoundFollowsASecondTerm() {
        // Given
        Story story =
                Story.up(bundle("egress", "pipelock")).at(0).term().at(7900).term();

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.effects()).isEmpty();
    }

    @Test
    void theFirstTermDuringATeardownIsNoSecondOne() {
        // Given
        Story story = tornDown();

        // When
        story.at(3000).term();

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.deadlineMillis()).isEqualTo(8000);
    }

    @Test
    void theSecondTermDuringATeardownKillsASecondAfterTheFirst() {
        // Given
        Story story = tornDown().at(3000).term();

        // When
        story.at(3999).term();
        boolean early = story.effects().isEmpty();
        story.at(4000).term();

        // Then
        assertThat(early).isTrue();
        assertThat(story.lines()).containsExactly("SIGTERM again; SIGKILL on pipelock");
    }

    @Test
    void theGraceOfATeardownIsCountedFromTheDeath() {
        // Given
        Story story = tornDown();

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("grace (8s) elapsed; SIGKILL on pipelock");
    }

    @Test
    void groupMembersThatOutliveTheirLeaderAreWaitedFor() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term();

        // When
        story.exitsBeforeItsGroup("egress", 0);

        // Then
        assertThat(story.deeds()).containsExactly(new Effect.SayAfterLastWords("egress", "egress exited with code 0"));
        assertThat(story.words()).containsExactly("stopping");
        assertThat(story.daemon("egress").pid()).isEmpty();
        assertThat(story.groupEmptied("egress").effects()).containsExactly(new Effect.Leave(0));
    }

    @Test
    void groupMembersThatOutliveTheirLeaderAreKilledAtTheGrace() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term().exitsBeforeItsGroup("egress", 0);

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("grace (8s) elapsed; SIGKILL on egress");
        assertThat(story.signals()).containsExactly("SIGKILL to egress");
        assertThat(story.groupEmptied("egress").effects()).containsExactly(new Effect.Leave(0));
    }

    @Test
    void whatADaemonLeftAtItsDeathGetsItsStopSignalAndIsWaitedFor() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"))
                .exitsBeforeItsGroup("egress", 3)
                .at(0);

        // When
        story.term();

        // Then
        assertThat(story.signals())
                .containsExactly(
                        "SIGTERM to egress", "SIGCONT to egress", "SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(story.words()).containsExactly("stopping", "stopping");
        assertThat(story.daemon("egress").pid()).isEmpty();
        assertThat(story.daemon("egress").startedAt()).isEmpty();
        assertThat(story.daemon("egress").group()).hasValue(100);
        assertThat(story.exits("pipelock", 0).words()).containsExactly("stopping", "exited");
        assertThat(story.groupEmptied("egress").effects()).containsExactly(new Effect.Leave(3));
    }

    @Test
    void whatADaemonLeftGetsTheStopSignalOfItsDaemon() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", Signal.INT), daemon("pipelock")))
                .exitsBeforeItsGroup("egress", 3);

        // When
        story.term();

        // Then
        assertThat(story.signals()).startsWith("SIGINT to egress", "SIGCONT to egress");
    }

    @Test
    void whatADaemonLeftAtItsDeathIsKilledAtItsGrace() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .exitsBeforeItsGroup("egress", 3)
                .at(0)
                .term();

        // When
        story.at(2000).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("grace (2s) elapsed; SIGKILL on egress");
        assertThat(story.signals()).containsExactly("SIGKILL to egress");
    }

    @Test
    void whatADaemonLeftAtItsDeathIsKilledByASecondTerm() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"))
                .exitsBeforeItsGroup("egress", 3)
                .at(0)
                .term();

        // When
        story.at(1000).term();

        // Then
        assertThat(story.lines()).containsExactly("SIGTERM again; SIGKILL on egress, pipelock");
    }

    @Test
    void whatADaemonLeftAndSigkillDoesNotEndIsWatchedNoMore() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .exitsBeforeItsGroup("egress", 3)
                .at(0)
                .term()
                .at(2000)
                .timePasses();

        // When
        story.at(2500).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("SIGKILL does not end egress; leaving without it");
        assertThat(story.daemon("egress").groupToWatch()).isEmpty();
        assertThat(story.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(3));
    }

    @Test
    void theEndOfWhatADaemonLeftIsNoSecondExit() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"))
                .exitsBeforeItsGroup("egress", 3)
                .at(0);
        LastExit death = story.daemon("egress").lastExit().orElseThrow();

        // When
        story.at(100).term().at(200).groupEmptied("egress");

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.daemon("egress").lastExit()).hasValue(death);
        assertThat(story.allNotices()).containsOnlyOnce("daemon.exited egress, exited");
        assertThat(story.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(3));
    }

    @Test
    void aTeardownEndsWhatItsCauseLeft() {
        // Given
        Story story =
                Story.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"))).at(0);

        // When
        story.exitsBeforeItsGroup("egress", 3);

        // Then
        assertThat(story.deeds())
                .containsExactly(
                        new Effect.SayAfterLastWords("egress", "egress exited with code 3; shutting down the bundle"),
                        new Effect.Say("shutting down (egress exited); forwarding SIGTERM"),
                        new Effect.SignalGroup("egress", Signal.TERM),
                        new Effect.SignalGroup("egress", Signal.CONT));
        assertThat(story.deadlineMillis()).isEqualTo(8000);
        assertThat(story.groupEmptied("egress").effects()).containsExactly(new Effect.Leave(3));
    }

    @Test
    void aProcessThatSigkillDoesNotEndIsGivenUpAfterHalfASecond() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"))
                .at(0)
                .term()
                .exits("pipelock", 0)
                .at(8000)
                .timePasses();

        // When
        story.at(8499).timePasses();
        boolean early = story.effects().isEmpty();
        story.at(8500).timePasses();

        // Then
        assertThat(early).isTrue();
        assertThat(story.effects()).endsWith(new Effect.Leave(0));
        assertThat(story.words()).containsExactly("exited", "exited");
    }

    @Test
    void theLateExitOfAProcessThatWasGivenUpDoesNoHarm() {
        // Given
        Story story = givenUp();

        // When
        story.at(3000).isKilled("egress", Signal.KILL);

        // Then
        assertThat(story.lines()).containsExactly("egress exited with code 137 (SIGKILL)");
        assertThat(story.daemon("egress").lastExit().orElseThrow().text()).isEqualTo("137 (SIGKILL)");
        assertThat(story.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(0));
    }

    @Test
    void theLateEndOfAGroupThatWasGivenUpDoesNoHarm() {
        // Given
        Story story = givenUp();

        // When
        story.at(3000)
                .on(new Event.Exited("egress", new ExitStatus.Killed(Signal.KILL, false), true, null))
                .groupEmptied("egress");

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.words()).containsExactly("exited", "stopping");
    }

    @Test
    void theLateEndOfGroupMembersThatWereGivenUpDoesNoHarm() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .exitsBeforeItsGroup("egress", 0)
                .at(2000)
                .timePasses()
                .at(2500)
                .timePasses();

        // When
        story.at(3000).groupEmptied("egress");

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.words()).containsExactly("exited", "stopping");
    }

    @Test
    void whenTheStopBeganIsKnownAfterLeaving() {
        // Given
        Story story = Story.up(bundle("egress")).at(50).term();
        long began = story.now().nanos();

        // When
        story.at(70).exits("egress", 0);

        // Then
        assertThat(story.state().phase()).isEqualTo(new Phase.Over(OptionalLong.of(began)));
    }

    @Test
    void nothingHappensAfterLeaving() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term().exits("egress", 0);

        // When
        story.at(9000).term().timePasses().exits("egress", 1);

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.state().deadline()).isEmpty();
        assertThat(story.state().ready()).isFalse();
        assertThat(story.state().phase().word()).isEqualTo("stopping");
    }

    /** {@code egress} has died at 0, {@code pipelock} is stopping. */
    private static Story tornDown() {
        return Story.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")))
                .at(0)
                .exits("egress", 1);
    }

    /** {@code egress} at 2.5 s, while {@code pipelock} may take until 8 s. */
    private static Story givenUp() {
        return Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses()
                .at(2500)
                .timePasses();
    }
}
