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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The command {@code restart}: one daemon, because the operator asks for it. */
class AskedRestartTest {

    private static Scenario up(FailurePolicy policy, Daemon... daemons) {
        return Scenario.up(bundle(policy, "8s", daemons)).at(0);
    }

    private static Gaps gaps(Scenario scenario) {
        return scenario.daemon("egress").gaps();
    }

    private static Duration planned(Scenario scenario) {
        return gaps(scenario).totalPlanned(scenario.now().nanos());
    }

    private static Duration unplanned(Scenario scenario) {
        return gaps(scenario).total(scenario.now().nanos());
    }

    @ParameterizedTest
    @EnumSource(FailurePolicy.class)
    void stopsAndStartsTheDaemonAtOnceWhateverItsFailurePolicy(FailurePolicy policy) {
        // Given
        Scenario scenario = up(policy, daemon("egress"), daemon("pipelock"));

        // When
        scenario.restart("egress");
        var asked = scenario.formatted();
        scenario.after(300).isKilled("egress", Signal.TERM);
        var ended = scenario.formatted();
        scenario.after(100).started("egress", 200);

        // Then
        assertThat(asked)
                .containsExactly(
                        "say: restarting egress (asked for)",
                        "stop probes of egress",
                        "SIGTERM to egress",
                        "SIGCONT to egress",
                        "publish: daemon.restarting egress, stopping, planned");
        assertThat(ended)
                .containsExactly(
                        "after egress's last words: egress exited with code 143 (SIGTERM)",
                        "publish: daemon.exited egress, backoff, planned",
                        "say: starting egress",
                        "start egress");
        assertThat(scenario.lines()).containsExactly("egress is ready again after 0.40 s");
        assertThat(scenario.notifications()).contains("daemon.recovered egress, running, gap of 400 ms, planned");
        assertThat(scenario.words()).containsExactly("running", "running");
    }

    @Test
    void isNoDeathAndItsGapIsCountedApart() {
        // Given
        Scenario scenario = up(FailurePolicy.RESTART, daemon("egress"));

        // When
        scenario.restart("egress").after(300).exits("egress", 1);
        scenario.after(100).started("egress", 200);

        // Then
        DaemonStatus egress = scenario.daemon("egress");
        assertThat(egress.deaths()).isEqualTo(DeathCounts.NONE);
        assertThat(egress.restartHistory()).isEqualTo(RestartHistory.NONE);
        assertThat(egress.restarts()).isEqualTo(1);
        assertThat(gaps(scenario).count()).isZero();
        assertThat(unplanned(scenario)).isZero();
        assertThat(planned(scenario)).isEqualTo(Duration.ofMillis(400));
    }

    @Test
    void leavesTheBackoffAsItWas() {
        // Given: its next death waits for a second
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0).exits("egress", 1);
        scenario.comesBack("egress", 200);
        RestartHistory before = scenario.daemon("egress").restartHistory();

        // When
        scenario.restart("egress").isKilled("egress", Signal.TERM).started("egress", 201);

        // Then
        assertThat(scenario.daemon("egress").restartHistory()).isEqualTo(before);
        assertThat(before.consecutive()).isEqualTo(1);
    }

    @Test
    void givesTheWholeSessionTheDaemonsOwnGraceAndThenKillsIt() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, daemon("egress", "5s"), daemon("pipelock"));
        scenario.restart("egress");

        // When
        scenario.after(100).exitsBeforeItsSession("egress", 0);
        var ended = scenario.starts();
        long grace = scenario.deadlineMillis();
        scenario.at(5000).timePasses();
        var killed = scenario.formatted();
        scenario.after(10).sessionEmptied("egress");

        // Then
        assertThat(ended).isEmpty();
        assertThat(grace).isEqualTo(5000);
        assertThat(killed).containsExactly("say: grace (5s) elapsed; SIGKILL on egress", "SIGKILL to egress");
        assertThat(scenario.starts()).containsExactly("egress");
    }

    @Test
    void doesNotWaitForeverForWhatSigkillDoesNotEnd() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, daemon("egress", "5s"), daemon("pipelock"));
        scenario.restart("egress").exitsBeforeItsSession("egress", 0).at(5000).timePasses();

        // When
        long deadline = scenario.deadlineMillis();
        scenario.at(deadline).timePasses();

        // Then
        assertThat(deadline).isEqualTo(5500);
        assertThat(scenario.starts()).containsExactly("egress");
    }

    @Test
    void startsADeadDaemonAgainThatItsPolicyLeaves() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, daemon("egress"), daemon("pipelock"));
        scenario.exits("egress", 1);

        // When
        scenario.after(2000).restart("egress");
        var lines = scenario.lines();
        scenario.started("egress", 200);

        // Then: the death has made the gap
        assertThat(lines).containsExactly("restarting egress (asked for)", "starting egress");
        assertThat(scenario.lines()).containsExactly("egress is ready again after 2.0 s");
        assertThat(scenario.notifications()).contains("daemon.recovered egress, running, gap of 2000 ms");
        assertThat(planned(scenario)).isZero();
        assertThat(unplanned(scenario)).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void firstStopsWhatADeadDaemonLeft() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, daemon("egress"), daemon("pipelock"));
        scenario.exitsBeforeItsSession("egress", 1);

        // When
        scenario.restart("egress");
        var signals = scenario.signals();
        scenario.sessionEmptied("egress");

        // Then
        assertThat(signals).containsExactly("SIGTERM to egress", "SIGCONT to egress");
        assertThat(scenario.starts()).containsExactly("egress");
    }

    @Test
    void endsTheDelayBeforeARestart() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0).exits("egress", 1);

        // When
        scenario.after(100).restart("egress");

        // Then
        assertThat(scenario.starts()).containsExactly("egress");
        assertThat(gaps(scenario).planned()).isFalse();
        assertThat(gaps(scenario).count()).isEqualTo(1);
    }

    @Test
    void ofAnUnreadyDaemonLeavesItsGapUnplanned() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, probed("egress"), daemon("pipelock"));
        scenario.fails("egress", ProbeKind.READINESS, "refused");

        // When
        scenario.after(1000).restart("egress").isKilled("egress", Signal.TERM).started("egress", 200);
        scenario.after(1000).passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(unplanned(scenario)).isEqualTo(Duration.ofSeconds(2));
        assertThat(planned(scenario)).isZero();
    }

    @Test
    void aDeathBeforeTheDaemonIsReadyEndsThePlannedGapAndBeginsAnother() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, probed("egress"), daemon("pipelock"));
        scenario.restart("egress").after(300).isKilled("egress", Signal.TERM).started("egress", 200);

        // When
        scenario.after(200).exits("egress", 1);
        scenario.after(1000);

        // Then
        assertThat(scenario.daemon("egress").deaths()).isEqualTo(new DeathCounts(1, 0, 0, 0));
        assertThat(planned(scenario)).isEqualTo(Duration.ofMillis(500));
        assertThat(gaps(scenario).count()).isEqualTo(1);
        assertThat(unplanned(scenario)).isEqualTo(Duration.ofSeconds(1));
        assertThat(scenario.words()).containsExactly("exited", "running");
    }

    @Test
    void aStartThatFailsIsADeathToWhichThePolicyApplies() {
        // Given
        Scenario scenario = up(FailurePolicy.TEARDOWN, daemon("egress"), daemon("pipelock"));
        scenario.restart("egress").isKilled("egress", Signal.TERM);

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.lines())
                .contains(
                        "cannot start egress: /bin/egress: No such file or directory; shutting down the bundle",
                        "shutting down (egress exited); forwarding SIGTERM");
        assertThat(scenario.daemon("egress").deaths()).isEqualTo(new DeathCounts(0, 0, 1, 0));
        assertThat(gaps(scenario).planned()).isFalse();
    }

    @Test
    void afterAFailedLivenessIsADeathByItAndAStartAtOnce() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, withLiveness(daemon("egress"), 1), daemon("pipelock"));
        scenario.fails("egress", ProbeKind.LIVENESS, "timeout");

        // When
        scenario.restart("egress");
        var asked = scenario.lines();
        scenario.isKilled("egress", Signal.TERM);

        // Then
        assertThat(asked).containsExactly("restarting egress (asked for)");
        assertThat(scenario.lines()).containsExactly("egress exited with code 143 (SIGTERM)", "starting egress");
        assertThat(scenario.daemon("egress").deaths()).isEqualTo(new DeathCounts(0, 0, 0, 1));
        assertThat(gaps(scenario).planned()).isFalse();
    }

    @Test
    void askedForTwiceIsOne() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, daemon("egress"), daemon("pipelock"));
        scenario.restart("egress");

        // When
        scenario.restart("egress");
        var stopping = scenario.effects();
        scenario.isKilled("egress", Signal.TERM).restart("egress");

        // Then
        assertThat(stopping).isEmpty();
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.daemon("egress").starts()).isEqualTo(2);
    }

    @Test
    void endsWithTheBundle() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, daemon("egress"));
        scenario.restart("egress");

        // When
        scenario.term().isKilled("egress", Signal.TERM);

        // Then
        assertThat(scenario.starts()).isEmpty();
        assertThat(scenario.formatted()).contains("leave: 0");
    }

    @Test
    void countsAsAStopForTheExitCode() {
        // Given: its session delays the start, so that this is its last end
        Scenario obedient = up(FailurePolicy.LEAVE, daemon("egress"), daemon("pipelock"));
        Scenario killed = up(FailurePolicy.LEAVE, daemon("egress"), daemon("pipelock"));
        Scenario failed = up(FailurePolicy.LEAVE, daemon("egress"), daemon("pipelock"));

        // When
        obedient.restart("egress").exitsBeforeItsSession("egress", 143);
        killed.restart("egress").at(8000).timePasses().isKilled("egress", Signal.KILL);
        failed.restart("egress").exitsBeforeItsSession("egress", 3);

        // Then
        assertThat(obedient.daemon("egress").exitCode()).isZero();
        assertThat(killed.daemon("egress").exitCode()).isZero();
        assertThat(failed.daemon("egress").exitCode()).isEqualTo(3);
    }

    @Test
    void isRefusedBeforeTheFirstStartAndInAStop() {
        // Given
        Scenario waits = Scenario.of(
                        bundle(FailurePolicy.LEAVE, "8s", probed("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin();
        Scenario stops =
                up(FailurePolicy.LEAVE, daemon("egress"), daemon("pipelock")).term();

        // When
        waits.restart("egress");
        stops.restart("egress");

        // Then
        assertThat(waits.effects()).isEmpty();
        assertThat(RestartTransitions.refusal(waits.state(), "egress"))
                .contains("it depends on pipelock, not ready so far");
        assertThat(stops.effects()).isEmpty();
        assertThat(RestartTransitions.refusal(stops.state(), "egress")).contains("the bundle is stopping");
    }

    @Test
    void waitsForStdoutWhenTheSessionEndsWhileTheDaemonsOutputIsHeld() {
        // Given
        Scenario scenario = up(FailurePolicy.LEAVE, daemon("egress"), daemon("pipelock"))
                .restart("egress")
                .exitsBeforeItsSession("egress", 0)
                .on(new Event.OutputHeld("egress"));

        // When
        scenario.sessionEmptied("egress");
        var early = scenario.starts();
        var words = scenario.words();
        scenario.on(new Event.OutputReleased("egress"));

        // Then
        assertThat(early).isEmpty();
        assertThat(words).containsExactly("backoff", "running");
        assertThat(scenario.starts()).containsExactly("egress");
    }

    @Test
    void startsWhatWasGivenUpForADependencyOnceThatIsReady() {
        // Given
        Scenario scenario = Scenario.of(bundle(
                        FailurePolicy.LEAVE,
                        "8s",
                        daemon("git-gate"),
                        probed("pipelock"),
                        dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("git-gate", 100)
                .startFailed("pipelock");

        // When
        var early = RestartTransitions.refusal(scenario.state(), "egress");
        scenario.restart("pipelock").started("pipelock", 101).passes("pipelock", ProbeKind.READINESS);
        scenario.restart("egress").started("egress", 102);

        // Then
        assertThat(early).contains("it depends on pipelock, not ready so far");
        assertThat(scenario.words()).containsExactly("running", "running", "running");
        assertThat(gaps(scenario)).isEqualTo(Gaps.NONE);
    }
}
