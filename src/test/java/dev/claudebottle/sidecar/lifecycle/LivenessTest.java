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
    void probingBeginsWhenTheStartIsFirstReady() {
        // Given
        Scenario scenario =
                Scenario.of(restarting(withLiveness(probed("egress"), 3))).begin();

        // When
        scenario.started("egress", 12);
        boolean early = scenario.effects().contains(new Effect.StartProbe("egress", ProbeKind.LIVENESS, 1));
        scenario.passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.effects()).contains(new Effect.StartProbe("egress", ProbeKind.LIVENESS, 1));
    }

    @Test
    void probingDoesNotBeginAgainWhenTheSameStartIsReadyAgain() {
        // Given
        Scenario scenario = Scenario.up(restarting(withLiveness(probed("egress"), 3)))
                .fails("egress", ProbeKind.READINESS, "refused");

        // When
        scenario.passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(scenario.effects()).noneMatch(effect -> effect instanceof Effect.StartProbe);
    }

    @Test
    void everyStartIsProbed() {
        // Given
        Scenario scenario = Scenario.up(restarting(alive("egress"))).exits("egress", 1);

        // When
        scenario.comesBack("egress", 200);

        // Then
        assertThat(scenario.effects()).contains(new Effect.StartProbe("egress", ProbeKind.LIVENESS, 2));
    }

    @Test
    void fewerFailuresThanTheThresholdHaveNoEffect() {
        // Given
        Scenario scenario = Scenario.up(restarting(alive("egress")));

        // When
        scenario.fails("egress", ProbeKind.LIVENESS, "timeout").fails("egress", ProbeKind.LIVENESS, "timeout");

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.words()).containsExactly("running");
    }

    @Test
    void onlyConsecutiveFailuresCount() {
        // Given
        Scenario scenario = Scenario.up(restarting(alive("egress")))
                .fails("egress", ProbeKind.LIVENESS, "timeout")
                .fails("egress", ProbeKind.LIVENESS, "timeout")
                .passes("egress", ProbeKind.LIVENESS);

        // When
        scenario.fails("egress", ProbeKind.LIVENESS, "timeout").fails("egress", ProbeKind.LIVENESS, "timeout");

        // Then
        assertThat(scenario.words()).containsExactly("running");
    }

    @Test
    void readinessAndLivenessFailuresAreCountedSeparately() {
        // Given
        Scenario scenario = Scenario.up(restarting(withLiveness(probed("egress"), 2)))
                .fails("egress", ProbeKind.LIVENESS, "timeout")
                .passes("egress", ProbeKind.READINESS);

        // When
        scenario.fails("egress", ProbeKind.READINESS, "refused");
        String unready = scenario.words().getFirst();
        scenario.fails("egress", ProbeKind.LIVENESS, "timeout");

        // Then
        assertThat(unready).isEqualTo("starting");
        assertThat(scenario.words()).containsExactly("stopping");
    }

    @Test
    void atTheThresholdTheDaemonGetsItsStopSignalAndCont() {
        // Given
        Scenario scenario = Scenario.up(restarting(alive("egress"), daemon("pipelock")));

        // When
        failLiveness(scenario, "egress");

        // Then
        assertThat(scenario.formatted())
                .containsExactly(
                        "say: egress failed its liveness probe 3 times: timeout; stopping it",
                        "stop probes of egress",
                        "SIGTERM to egress",
                        "SIGCONT to egress");
        assertThat(scenario.words()).containsExactly("stopping", "running");
        assertThat(scenario.state().phase()).isEqualTo(new Phase.Running());
    }

    @Test
    void aFailedLivenessProbeSendsTheDaemonsOwnStopSignal() {
        // Given
        Scenario scenario = Scenario.up(restarting(withLiveness(daemon("egress", Signal.INT), 3)));

        // When
        failLiveness(scenario, "egress");

        // Then
        assertThat(scenario.signals()).containsExactly("SIGINT to egress", "SIGCONT to egress");
    }

    @Test
    void theGapOpensAtTheFailedProbeAndNotAtTheDeath() {
        // Given
        Scenario scenario = Scenario.up(restarting(alive("egress"))).at(1000);
        failLiveness(scenario, "egress");
        boolean open = scenario.daemon("egress").gaps().isOpen();

        // When
        scenario.at(4000).isKilled("egress", Signal.TERM);

        // Then
        assertThat(open).isTrue();
        assertThat(scenario.daemon("egress").gaps().count()).isEqualTo(1);
        assertThat(scenario.daemon("egress").gaps().total(scenario.now().nanos()))
                .isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void theDeathCountsAsOneByLivenessWhateverEndsTheProcess() {
        // Given
        Scenario killed = Scenario.up(restarting(alive("egress")));
        Scenario exited = Scenario.up(restarting(alive("egress")));

        // When
        failLiveness(killed, "egress").isKilled("egress", Signal.TERM);
        failLiveness(exited, "egress").exits("egress", 0);

        // Then
        assertThat(killed.daemon("egress").deaths()).isEqualTo(new DeathCounts(0, 0, 0, 1));
        assertThat(exited.daemon("egress").deaths()).isEqualTo(new DeathCounts(0, 0, 0, 1));
    }

    @Test
    void theLastExitNamesTheLivenessWhateverEndsTheProcess() {
        // Given
        Scenario killed = Scenario.up(restarting(alive("egress")));
        Scenario exited = Scenario.up(restarting(alive("egress")));

        // When
        failLiveness(killed, "egress").isKilled("egress", Signal.TERM);
        failLiveness(exited, "egress").exits("egress", 0);

        // Then
        assertThat(killed.daemon("egress").lastExit().orElseThrow().text()).isEqualTo("143 (SIGTERM, liveness)");
        assertThat(exited.daemon("egress").lastExit().orElseThrow().text()).isEqualTo("0 (liveness)");
        assertThat(exited.lines().getFirst()).startsWith("egress exited with code 0; restarting in ");
    }

    @Test
    void aStopThatBeginsMeanwhileDoesNotChangeTheReason() {
        // Given
        Scenario scenario = failLiveness(Scenario.up(restarting(alive("egress"))), "egress");

        // When
        scenario.term().isKilled("egress", Signal.TERM);

        // Then
        assertThat(scenario.daemon("egress").lastExit().orElseThrow().reason()).isEqualTo(ExitReason.LIVENESS);
        assertThat(scenario.daemon("egress").deaths()).isEqualTo(DeathCounts.NONE);
    }

    @Test
    void anEndInAStopHasTheReasonOfItsStatus() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).term();

        // When
        scenario.isKilled("egress", Signal.TERM).exits("pipelock", 143);

        // Then
        assertThat(scenario.daemon("egress").lastExit().orElseThrow().reason()).isEqualTo(ExitReason.SIGNAL);
        assertThat(scenario.daemon("pipelock").lastExit().orElseThrow().reason())
                .isEqualTo(ExitReason.EXIT);
    }

    @Test
    void thePolicyAppliesAfterTheDeath() {
        // Given
        Scenario scenario = failLiveness(Scenario.up(restarting(alive("egress"))), "egress");

        // When
        scenario.isKilled("egress", Signal.TERM);

        // Then
        assertThat(scenario.lines())
                .singleElement()
                .asString()
                .matches("egress exited with code 143 \\(SIGTERM\\); restarting in 0\\.[45][0-9] s");
        assertThat(scenario.words()).containsExactly("backoff");
    }

    @Test
    void aRemainingSessionDelaysTheNextStart() {
        // Given
        Scenario scenario =
                failLiveness(Scenario.up(restarting(alive("egress"))).at(0), "egress");

        // When
        scenario.exitsBeforeItsSession("egress", 143).at(700).timePasses();

        // Then
        assertThat(scenario.words()).containsExactly("backoff");
        assertThat(scenario.sessionEmptied("egress").starts()).containsExactly("egress");
    }

    @Test
    void theDaemonIsKilledAfterItsOwnGrace() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(withLiveness(daemon("egress", "2s"), 3))).at(1000);
        failLiveness(scenario, "egress");

        // When
        scenario.at(2999).timePasses();
        boolean early = scenario.effects().isEmpty();
        long deadline = scenario.deadlineMillis();
        scenario.at(3000).timePasses();

        // Then
        assertThat(early).isTrue();
        assertThat(deadline).isEqualTo(3000);
        assertThat(scenario.formatted())
                .containsExactly("say: grace (2s) elapsed; SIGKILL on egress", "SIGKILL to egress");
        assertThat(scenario.at(9000).timePasses().effects()).isEmpty();
        assertThat(scenario.state().deadline()).isEmpty();
    }

    @Test
    void theDaemonIsKilledAfterTheBundlesGraceIfItHasNone() {
        // Given
        Scenario scenario =
                failLiveness(Scenario.up(restarting(alive("egress"))).at(0), "egress");

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (8s) elapsed; SIGKILL on egress");
    }

    @Test
    void underLeaveTheDaemonExitsWhenItsSessionIsEmpty() {
        // Given
        Scenario scenario = failLiveness(
                Scenario.up(bundle(FailurePolicy.LEAVE, "8s", alive("egress"), daemon("pipelock"))), "egress");

        // When
        scenario.exitsBeforeItsSession("egress", 143);
        String before = scenario.words().getFirst();
        scenario.sessionEmptied("egress");

        // Then
        assertThat(before).isEqualTo("stopping");
        assertThat(scenario.words()).containsExactly("exited", "running");
    }

    @Test
    void underLeaveTheRemainingSessionIsKilledAtTheGrace() {
        // Given
        Scenario scenario = failLiveness(
                        Scenario.up(bundle(FailurePolicy.LEAVE, "8s", alive("egress"), daemon("pipelock")))
                                .at(0),
                        "egress")
                .exitsBeforeItsSession("egress", 143);

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.signals()).containsExactly("SIGKILL to egress");
        assertThat(scenario.sessionEmptied("egress").words()).containsExactly("exited", "running");
    }

    @Test
    void underTeardownTheBundleStopsWithTheDaemonsCode() {
        // Given
        Scenario scenario = failLiveness(
                Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", alive("egress"), daemon("pipelock"))), "egress");

        // When
        scenario.isKilled("egress", Signal.TERM);

        // Then
        assertThat(scenario.lines())
                .containsExactly(
                        "egress exited with code 143 (SIGTERM); shutting down the bundle",
                        "shutting down (egress exited); forwarding SIGTERM");
        assertThat(scenario.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(143));
    }

    @Test
    void killedForItsLivenessItCounts128PlusTheSignal() {
        // Given
        Scenario term = failLiveness(Scenario.up(bundle(FailurePolicy.LEAVE, "8s", alive("egress"))), "egress");
        Scenario kill = failLiveness(
                        Scenario.up(bundle(FailurePolicy.LEAVE, "8s", alive("egress")))
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
    void aStopMeanwhileNeitherSignalsTheDaemonAgainNorExtendsItsGrace() {
        // Given
        Scenario scenario = Scenario.up(restarting(withLiveness(daemon("egress", "5s"), 3), daemon("pipelock")))
                .at(0);
        failLiveness(scenario, "egress");

        // When
        scenario.at(3000).term();

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(scenario.deadlineMillis()).isEqualTo(5000);
        assertThat(scenario.at(5000).timePasses().lines()).containsExactly("grace (5s) elapsed; SIGKILL on egress");
    }

    @Test
    void noPolicyAppliesAfterAStopMeanwhile() {
        // Given
        Scenario scenario =
                failLiveness(Scenario.up(restarting(alive("egress"))), "egress").term();

        // When
        scenario.isKilled("egress", Signal.TERM);

        // Then
        assertThat(scenario.lines()).containsExactly("egress exited with code 143 (SIGTERM)");
        assertThat(scenario.notifications()).containsExactly("daemon.exited egress, exited");
        assertThat(scenario.effects()).endsWith(new Effect.Leave(143));
    }

    @Test
    void aStopAfterTheKillGivesUpHalfASecondAfterThatKill() {
        // Given
        Scenario scenario = failLiveness(
                        Scenario.up(restarting(alive("egress"))).at(0), "egress")
                .at(8000)
                .timePasses();

        // When
        scenario.at(8200).term();

        // Then
        assertThat(scenario.deadlineMillis()).isEqualTo(8500);
        assertThat(scenario.at(8500).timePasses().words()).containsExactly("exited");
    }

    @Test
    void itsDependencyIsStoppedWhenTheDaemonIsDown() {
        // Given
        Scenario scenario = Scenario.up(restarting(dependent(alive("egress"), "pipelock"), daemon("pipelock")));
        failLiveness(scenario, "egress").term();
        boolean early = !scenario.signals().isEmpty();

        // When
        scenario.isKilled("egress", Signal.TERM);

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void anAnswerOfAnEarlierStartIsIgnored() {
        // Given
        Scenario scenario = Scenario.up(restarting(withLiveness(daemon("egress"), 1)))
                .exits("egress", 1)
                .comesBack("egress", 200);
        BundleState before = scenario.state();

        // When
        scenario.on(new Event.Probed("egress", ProbeKind.LIVENESS, 1, Optional.of("timeout")));

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.state()).isEqualTo(before);
    }

    @Test
    void anAnswerAfterTheStopSignalIsIgnored() {
        // Given
        Scenario scenario = failLiveness(Scenario.up(restarting(alive("egress"))), "egress");
        BundleState before = scenario.state();

        // When
        scenario.fails("egress", ProbeKind.LIVENESS, "timeout");

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.state()).isEqualTo(before);
    }

    @Test
    void anUnreadyDaemonThatFailsLivenessKeepsItsGap() {
        // Given
        Scenario scenario = Scenario.up(restarting(withLiveness(probed("egress"), 3)))
                .at(0)
                .fails("egress", ProbeKind.READINESS, "refused")
                .at(1000);

        // When
        failLiveness(scenario, "egress");

        // Then
        assertThat(scenario.words()).containsExactly("stopping");
        assertThat(scenario.daemon("egress").gaps().count()).isEqualTo(1);
        assertThat(scenario.daemon("egress").gaps().total(scenario.now().nanos()))
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void deathsByLivenessCountForACrashLoop() {
        // Given
        Scenario scenario = Scenario.up(restarting(alive("egress")));

        // When
        for (int i = 0; i < 5; i++) {
            failLiveness(scenario, "egress").isKilled("egress", Signal.TERM).comesBack("egress", 200 + i);
        }

        // Then
        assertThat(scenario.allLines()).containsOnlyOnce("egress is crash-looping (5 deaths in 60s)");
    }

    private static Daemon alive(String name) {
        return withLiveness(daemon(name), 3);
    }

    private static Scenario failLiveness(Scenario scenario, String daemon) {
        return scenario.fails(daemon, ProbeKind.LIVENESS, "refused")
                .fails(daemon, ProbeKind.LIVENESS, "refused")
                .fails(daemon, ProbeKind.LIVENESS, "timeout");
    }
}
