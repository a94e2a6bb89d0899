package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.dependent;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static dev.claudebottle.sidecar.lifecycle.Bundles.withLiveness;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LivenessTest {

    @Test
    void isAskedWhenThisStartIsFirstReady() {
        // Given
        Story story = Story.of(restarting(withLiveness(probed("egress"), 3))).begin();

        // When
        story.started("egress", 12);
        boolean early = story.effects().contains(new Effect.StartProbe("egress", ProbeKind.LIVENESS, 1));
        story.passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(early).isFalse();
        assertThat(story.effects()).contains(new Effect.StartProbe("egress", ProbeKind.LIVENESS, 1));
    }

    @Test
    void isNotAskedForAgainWhenTheSameStartIsReadyAgain() {
        // Given
        Story story =
                Story.up(restarting(withLiveness(probed("egress"), 3))).fails("egress", ProbeKind.READINESS, "refused");

        // When
        story.passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(story.effects()).noneMatch(effect -> effect instanceof Effect.StartProbe);
    }

    @Test
    void everyStartIsAskedAnew() {
        // Given
        Story story = Story.up(restarting(alive("egress"))).exits("egress", 1);

        // When
        story.comesBack("egress", 200);

        // Then
        assertThat(story.effects()).contains(new Effect.StartProbe("egress", ProbeKind.LIVENESS, 2));
    }

    @Test
    void fewerFailuresThanTheThresholdAreSilent() {
        // Given
        Story story = Story.up(restarting(alive("egress")));

        // When
        story.fails("egress", ProbeKind.LIVENESS, "timeout").fails("egress", ProbeKind.LIVENESS, "timeout");

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.words()).containsExactly("running");
    }

    @Test
    void onlyFailuresInARowCount() {
        // Given
        Story story = Story.up(restarting(alive("egress")))
                .fails("egress", ProbeKind.LIVENESS, "timeout")
                .fails("egress", ProbeKind.LIVENESS, "timeout")
                .passes("egress", ProbeKind.LIVENESS);

        // When
        story.fails("egress", ProbeKind.LIVENESS, "timeout").fails("egress", ProbeKind.LIVENESS, "timeout");

        // Then
        assertThat(story.words()).containsExactly("running");
    }

    @Test
    void readinessAndLivenessAreCountedApart() {
        // Given
        Story story = Story.up(restarting(withLiveness(probed("egress"), 2)))
                .fails("egress", ProbeKind.LIVENESS, "timeout")
                .passes("egress", ProbeKind.READINESS);

        // When
        story.fails("egress", ProbeKind.READINESS, "refused");
        String unready = story.words().getFirst();
        story.fails("egress", ProbeKind.LIVENESS, "timeout");

        // Then
        assertThat(unready).isEqualTo("starting");
        assertThat(story.words()).containsExactly("stopping");
    }

    @Test
    void theLastOfThemIsADecisionThatSendsTheStopSignalAndCont() {
        // Given
        Story story = Story.up(restarting(alive("egress"), daemon("pipelock")));

        // When
        condemn(story, "egress");

        // Then
        assertThat(story.told())
                .containsExactly(
                        "say: egress failed its liveness probe 3 times: timeout; stopping it",
                        "ask egress no more",
                        "SIGTERM to egress",
                        "SIGCONT to egress");
        assertThat(story.words()).containsExactly("stopping", "running");
        assertThat(story.state().phase()).isEqualTo(new Phase.Running());
    }

    @Test
    void itGetsItsOwnStopSignal() {
        // Given
        Story story = Story.up(restarting(withLiveness(daemon("egress", Signal.INT), 3)));

        // When
        condemn(story, "egress");

        // Then
        assertThat(story.signals()).containsExactly("SIGINT to egress", "SIGCONT to egress");
    }

    @Test
    void theGapOpensAtTheDecisionAndNotAtTheDeath() {
        // Given
        Story story = Story.up(restarting(alive("egress"))).at(1000);
        condemn(story, "egress");
        boolean open = story.daemon("egress").gaps().isOpen();

        // When
        story.at(4000).isKilled("egress", Signal.TERM);

        // Then
        assertThat(open).isTrue();
        assertThat(story.daemon("egress").gaps().count()).isEqualTo(1);
        assertThat(story.daemon("egress").gaps().total(story.now().nanos())).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void theDeathIsOneByLivenessHoweverItEnds() {
        // Given
        Story killed = Story.up(restarting(alive("egress")));
        Story exited = Story.up(restarting(alive("egress")));

        // When
        condemn(killed, "egress").isKilled("egress", Signal.TERM);
        condemn(exited, "egress").exits("egress", 0);

        // Then
        assertThat(killed.daemon("egress").deaths()).isEqualTo(new Deaths(0, 0, 0, 1));
        assertThat(exited.daemon("egress").deaths()).isEqualTo(new Deaths(0, 0, 0, 1));
    }

    @Test
    void thePolicyComesAfterTheDeath() {
        // Given
        Story story = condemn(Story.up(restarting(alive("egress"))), "egress");

        // When
        story.isKilled("egress", Signal.TERM);

        // Then
        assertThat(story.lines())
                .singleElement()
                .asString()
                .matches("egress exited with code 143 \\(SIGTERM\\); restarting in 0\\.[45][0-9] s");
        assertThat(story.words()).containsExactly("backoff");
    }

    @Test
    void whatIsLeftOfItsGroupHoldsUpTheNextStart() {
        // Given
        Story story = condemn(Story.up(restarting(alive("egress"))).at(0), "egress");

        // When
        story.exitsBeforeItsGroup("egress", 143).at(700).timePasses();

        // Then
        assertThat(story.words()).containsExactly("backoff");
        assertThat(story.groupEmptied("egress").starts()).containsExactly("egress");
    }

    @Test
    void itIsKilledAfterItsOwnGrace() {
        // Given
        Story story =
                Story.up(restarting(withLiveness(daemon("egress", "2s"), 3))).at(1000);
        condemn(story, "egress");

        // When
        story.at(2999).timePasses();
        boolean early = story.effects().isEmpty();
        long deadline = story.deadlineMillis();
        story.at(3000).timePasses();

        // Then
        assertThat(early).isTrue();
        assertThat(deadline).isEqualTo(3000);
        assertThat(story.told()).containsExactly("say: grace (2s) elapsed; SIGKILL on egress", "SIGKILL to egress");
        assertThat(story.at(9000).timePasses().effects()).isEmpty();
        assertThat(story.state().deadline()).isEmpty();
    }

    @Test
    void itIsKilledAfterTheBundlesGraceWhereItHasNone() {
        // Given
        Story story = condemn(Story.up(restarting(alive("egress"))).at(0), "egress");

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("grace (8s) elapsed; SIGKILL on egress");
    }

    @Test
    void underLeaveItExitsWhenItsGroupIsDown() {
        // Given
        Story story =
                condemn(Story.up(bundle(FailurePolicy.LEAVE, "8s", alive("egress"), daemon("pipelock"))), "egress");

        // When
        story.exitsBeforeItsGroup("egress", 143);
        String before = story.words().getFirst();
        story.groupEmptied("egress");

        // Then
        assertThat(before).isEqualTo("stopping");
        assertThat(story.words()).containsExactly("exited", "running");
    }

    @Test
    void underLeaveWhatIsLeftOfItsGroupIsKilledAtTheGrace() {
        // Given
        Story story = condemn(
                        Story.up(bundle(FailurePolicy.LEAVE, "8s", alive("egress"), daemon("pipelock")))
                                .at(0),
                        "egress")
                .exitsBeforeItsGroup("egress", 143);

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.signals()).containsExactly("SIGKILL to egress");
        assertThat(story.groupEmptied("egress").words()).containsExactly("exited", "running");
    }

    @Test
    void underTeardownTheBundleStopsWithItsCode() {
        // Given
        Story story =
                condemn(Story.up(bundle(FailurePolicy.TEARDOWN, "8s", alive("egress"), daemon("pipelock"))), "egress");

        // When
        story.isKilled("egress", Signal.TERM);

        // Then
        assertThat(story.lines())
                .containsExactly(
                        "egress exited with code 143 (SIGTERM); shutting down the bundle",
                        "shutting down (egress exited); forwarding SIGTERM");
        assertThat(story.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(143));
    }

    @Test
    void killedForItsLivenessItCounts128PlusTheSignal() {
        // Given
        Story term = condemn(Story.up(bundle(FailurePolicy.LEAVE, "8s", alive("egress"))), "egress");
        Story kill = condemn(
                        Story.up(bundle(FailurePolicy.LEAVE, "8s", alive("egress")))
                                .at(0),
                        "egress")
                .at(8000)
                .timePasses();

        // When
        term.isKilled("egress", Signal.TERM);
        kill.isKilled("egress", Signal.KILL);

        // Then
        assertThat(term.effects()).endsWith(new Effect.Leave(143));
        assertThat(kill.effects()).endsWith(new Effect.Leave(137));
    }

    @Test
    void aStopMeanwhileSignalsItNoSecondTimeAndItsGraceRunsOn() {
        // Given
        Story story = Story.up(restarting(withLiveness(daemon("egress", "5s"), 3), daemon("pipelock")))
                .at(0);
        condemn(story, "egress");

        // When
        story.at(3000).term();

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(story.deadlineMillis()).isEqualTo(5000);
        assertThat(story.at(5000).timePasses().lines()).containsExactly("grace (5s) elapsed; SIGKILL on egress");
    }

    @Test
    void aStopMeanwhileTakesThePolicyAway() {
        // Given
        Story story = condemn(Story.up(restarting(alive("egress"))), "egress").term();

        // When
        story.isKilled("egress", Signal.TERM);

        // Then
        assertThat(story.lines()).containsExactly("egress exited with code 143 (SIGTERM)");
        assertThat(story.notices()).containsExactly("daemon.exited egress, exited");
        assertThat(story.effects()).endsWith(new Effect.Leave(143));
    }

    @Test
    void aStopAfterItsKillGivesUpHalfASecondAfterThatKill() {
        // Given
        Story story = condemn(Story.up(restarting(alive("egress"))).at(0), "egress")
                .at(8000)
                .timePasses();

        // When
        story.at(8200).term();

        // Then
        assertThat(story.deadlineMillis()).isEqualTo(8500);
        assertThat(story.at(8500).timePasses().words()).containsExactly("exited");
    }

    @Test
    void whatItDependsOnIsStoppedWhenItIsDown() {
        // Given
        Story story = Story.up(restarting(dependent(alive("egress"), "pipelock"), daemon("pipelock")));
        condemn(story, "egress").term();
        boolean early = !story.signals().isEmpty();

        // When
        story.isKilled("egress", Signal.TERM);

        // Then
        assertThat(early).isFalse();
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void anAnswerOfAnEarlierStartIsIgnored() {
        // Given
        Story story = Story.up(restarting(withLiveness(daemon("egress"), 1)))
                .exits("egress", 1)
                .comesBack("egress", 200);
        BundleState before = story.state();

        // When
        story.on(new Event.Probed("egress", ProbeKind.LIVENESS, 1, Optional.of("timeout")));

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.state()).isEqualTo(before);
    }

    @Test
    void anAnswerAfterTheDecisionIsIgnored() {
        // Given
        Story story = condemn(Story.up(restarting(alive("egress"))), "egress");
        BundleState before = story.state();

        // When
        story.fails("egress", ProbeKind.LIVENESS, "timeout");

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.state()).isEqualTo(before);
    }

    @Test
    void anUnreadyDaemonCanBeCondemnedAndItsGapStaysTheSame() {
        // Given
        Story story = Story.up(restarting(withLiveness(probed("egress"), 3)))
                .at(0)
                .fails("egress", ProbeKind.READINESS, "refused")
                .at(1000);

        // When
        condemn(story, "egress");

        // Then
        assertThat(story.words()).containsExactly("stopping");
        assertThat(story.daemon("egress").gaps().count()).isEqualTo(1);
        assertThat(story.daemon("egress").gaps().total(story.now().nanos())).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void deathsByLivenessMakeACrashLoop() {
        // Given
        Story story = Story.up(restarting(alive("egress")));

        // When
        for (int i = 0; i < 5; i++) {
            condemn(story, "egress").isKilled("egress", Signal.TERM).comesBack("egress", 200 + i);
        }

        // Then
        assertThat(story.allLines()).containsOnlyOnce("egress is crash-looping (5 deaths in 60s)");
    }

    private static Daemon alive(String name) {
        return withLiveness(daemon(name), 3);
    }

    private static Story condemn(Story story, String daemon) {
        return story.fails(daemon, ProbeKind.LIVENESS, "refused")
                .fails(daemon, ProbeKind.LIVENESS, "refused")
                .fails(daemon, ProbeKind.LIVENESS, "timeout");
    }
}
