package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restart;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Failure policy restart. */
class RestartTest {

    @Test
    void aDeathLeadsToABackoffAndAnotherStart() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"), daemon("pipelock")));

        // When
        scenario.at(1000).exits("egress", 1);
        String wordAfterDeath = scenario.words().getFirst();
        scenario.at(scenario.deadlineMillis() + 1).timePasses();

        // Then
        assertThat(wordAfterDeath).isEqualTo("backoff");
        assertThat(scenario.formatted()).containsExactly("say: starting egress", "start egress");
        assertThat(scenario.words()).containsExactly("starting", "running");
        assertThat(scenario.daemon("egress").starts()).isEqualTo(2);
        assertThat(scenario.daemon("egress").restarts()).isEqualTo(1);
    }

    @Test
    void nothingStartsBeforeTheDelayIsOver() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0).exits("egress", 1);

        // When
        scenario.at(scenario.deadlineMillis()).after(-1).timePasses();

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.words()).containsExactly("backoff");
    }

    @Test
    void exitCodeZeroIsADeathToo() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));

        // When
        scenario.exits("egress", 0);

        // Then
        assertThat(scenario.lines().getFirst()).matches("egress exited with code 0; restarting in 0\\.[45][0-9] s");
        assertThat(scenario.words()).containsExactly("backoff");
    }

    @Test
    void theLogLineHasTheRealDelay() {
        for (long seed = 0; seed < 50; seed++) {
            // Given
            Scenario scenario = Scenario.up(restarting(daemon("egress")), seed).at(0);

            // When
            scenario.isKilled("egress", Signal.KILL);

            // Then
            long delay = ((DaemonState.Backoff) scenario.daemon("egress").state()).until()
                    - scenario.now().nanos();
            assertThat(scenario.lines())
                    .containsExactly("egress exited with code 137 (SIGKILL); restarting in "
                            + Seconds.text(Duration.ofNanos(delay)));
            assertThat(scenario.daemon("egress").nextStartAt())
                    .contains(scenario.now().utc().plusNanos(delay));
            assertThat(delay).isBetween(450_000_000L, 550_000_000L);
        }
    }

    @Test
    void aLongDelayIsLoggedWithOneDecimal() {
        // Given
        Scenario scenario = Scenario.up(restarting(rules("8s", "30s"), daemon("egress")));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.lines().getFirst()).matches("egress exited with code 1; restarting in [78]\\.[0-9] s");
    }

    @Test
    void delaysDoubleUpToTheMaximum() {
        assertDelays(rules("500ms", "30s"), 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000);
    }

    @Test
    void theMaximumLimitsTheFirstDelay() {
        assertDelays(rules("3s", "3s"), 3000, 3000, 3000);
    }

    @Test
    void afterAnInitialDelayOfZeroTheSecondIsHalfASecond() {
        assertDelays(rules("0s", "3s"), 0, 500, 1000, 2000, 3000, 3000, 3000, 3000, 3000);
    }

    @Test
    void afterAnInitialDelayOfZeroTheMaximumLimitsTheSecond() {
        assertDelays(rules("0s", "200ms"), 0, 200, 200);
    }

    @Test
    void theJitterIsTenPercentAtMostAndUsesAllOfThem() {
        // Given
        List<Long> delays = new ArrayList<>();

        // When
        for (long seed = 0; seed < 2000; seed++) {
            Scenario scenario = Scenario.up(restarting(daemon("egress")), seed).exits("egress", 1);
            delays.add(((DaemonState.Backoff) scenario.daemon("egress").state()).until()
                    - scenario.now().nanos());
        }

        // Then
        assertThat(delays).allMatch(delay -> delay >= 450_000_000 && delay <= 550_000_000);
        assertThat(delays).anyMatch(delay -> delay < 452_000_000).anyMatch(delay -> delay > 548_000_000);
    }

    @Test
    void everyRestartHasItsOwnJitter() {
        // Given
        Scenario scenario = Scenario.up(restarting(rules("10s", "10s"), daemon("egress"), daemon("pipelock")));
        Set<Duration> delays = new HashSet<>();

        // When
        for (int i = 0; i < 5; i++) {
            delays.add(delayAfterDeath(scenario, "egress"));
            scenario.comesBack("egress", 200 + i);
            delays.add(delayAfterDeath(scenario, "pipelock"));
            scenario.comesBack("pipelock", 300 + i);
        }

        // Then
        assertThat(delays).hasSize(10);
    }

    @Test
    void aDelayOfZeroStartsAtOnce() {
        // Given
        Scenario scenario = Scenario.up(restarting(rules("0s", "30s"), daemon("egress")));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.actions())
                .containsExactly(
                        Scenario.sayAfterLastWords("egress", "egress exited with code 1; restarting in 0.00 s"),
                        Scenario.say("starting egress"),
                        new Effect.Start("egress"));
    }

    @Test
    void sixtySecondsOfBeingReadyResetTheDelays() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0);
        delayAfterDeath(scenario, "egress");
        scenario.comesBack("egress", 200);
        long deadline = scenario.deadlineMillis();
        long ready = scenario.now().nanos();

        // When
        scenario.after(60_000).timePasses();

        // Then
        assertThat(scenario.state().deadline()).isEmpty();
        assertThat(deadline).isGreaterThanOrEqualTo(60_450);
        assertThat(scenario.now().nanos() - ready).isEqualTo(60_000_000_000L);
        assertThat(delayAfterDeath(scenario, "egress").toMillis()).isBetween(450L, 550L);
    }

    @Test
    void aMillisecondLessThanSixtySecondsDoesNotResetTheDelays() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0);
        delayAfterDeath(scenario, "egress");
        scenario.comesBack("egress", 200);

        // When
        scenario.after(59_999).timePasses();

        // Then
        assertThat(delayAfterDeath(scenario, "egress").toMillis()).isBetween(900L, 1100L);
    }

    @Test
    void severalPeriodsThatAddUpToSixtySecondsDoNotResetTheDelays() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"))).at(0);
        delayAfterDeath(scenario, "egress");
        scenario.comesBack("egress", 200);

        // When
        scenario.after(40_000)
                .fails("egress", ProbeKind.READINESS, "refused")
                .after(10)
                .passes("egress", ProbeKind.READINESS)
                .after(40_000)
                .timePasses();

        // Then
        assertThat(delayAfterDeath(scenario, "egress").toMillis()).isBetween(900L, 1100L);
    }

    @Test
    void passedProbesDoNotRestartTheSixtySeconds() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"))).at(0);
        delayAfterDeath(scenario, "egress");
        scenario.comesBack("egress", 200);

        // When
        scenario.after(40_000)
                .passes("egress", ProbeKind.READINESS)
                .after(20_000)
                .timePasses();

        // Then
        assertThat(delayAfterDeath(scenario, "egress").toMillis()).isBetween(450L, 550L);
    }

    @Test
    void aDaemonsOwnRulesSayWhenItStartsAgain() {
        // Given
        Scenario scenario = Scenario.up(
                        restarting(rules("10s", "10s"), daemon("egress", rules("1s", "1s")), daemon("pipelock")))
                .at(0);

        // When
        scenario.exits("egress", 1).exits("pipelock", 1);

        // Then
        assertThat(scenario.allLines())
                .anyMatch(line -> line.matches("egress exited .*; restarting in (0\\.9\\d|1\\.\\d) s"))
                .anyMatch(line -> line.matches("pipelock exited .*; restarting in (9\\.\\d|1\\d\\.\\d) s"));
    }

    @Test
    void aDaemonsOwnRulesSayWhenItsDelaysAreReset() {
        // Given
        RestartPolicy own = restart("500ms", "30s", "2s", 5, "60s", CrashLoopAction.KEEP_TRYING);
        Scenario scenario = Scenario.up(restarting(daemon("egress", own), daemon("pipelock")))
                .exits("egress", 1)
                .comesBack("egress", 200)
                .exits("pipelock", 1)
                .comesBack("pipelock", 201);

        // When
        scenario.after(2000).timePasses();

        // Then
        assertThat(scenario.daemon("egress").restartHistory().consecutive()).isZero();
        assertThat(scenario.daemon("pipelock").restartHistory().consecutive()).isOne();
    }

    @Test
    void theResetAlsoAppliesIfTheDeathComesBeforeTheTimer() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0);
        delayAfterDeath(scenario, "egress");
        scenario.comesBack("egress", 200);

        // When
        scenario.after(60_000);

        // Then
        assertThat(delayAfterDeath(scenario, "egress").toMillis()).isBetween(450L, 550L);
    }

    @Test
    void theResetAlsoAppliesIfAFailedProbeComesBeforeTheTimer() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"))).at(0);
        delayAfterDeath(scenario, "egress");
        scenario.comesBack("egress", 200);

        // When
        scenario.after(60_000).fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(delayAfterDeath(scenario, "egress").toMillis()).isBetween(450L, 550L);
    }

    @Test
    void aProgramThatIsNotFoundIsTriedAgainUntilItAppears() {
        // Given
        Scenario scenario =
                Scenario.of(restarting(daemon("egress"), daemon("pipelock"))).begin();

        // When
        scenario.startFailed("egress");
        List<String> lines = scenario.lines();
        scenario.started("pipelock", 13).comesBack("egress", 14);

        // Then
        assertThat(lines.getFirst())
                .matches("cannot start egress: /bin/egress: No such file or directory; restarting in 0\\.[45][0-9] s");
        assertThat(lines.getLast()).isEqualTo("starting pipelock");
        assertThat(scenario.words()).containsExactly("running", "running");
        assertThat(scenario.daemon("egress").restarts()).isEqualTo(1);
        assertThat(scenario.daemon("egress").lastExit().orElseThrow().code()).isEqualTo(127);
    }

    @Test
    void aFailureToStartCountsAsADeath() {
        // Given
        Scenario scenario = Scenario.of(restarting(daemon("egress"))).begin().startFailed("egress");
        scenario.at(scenario.deadlineMillis() + 1).timePasses();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.daemon("egress").deaths()).isEqualTo(new DeathCounts(0, 0, 2, 0));
        assertThat(scenario.lines().getFirst()).matches(".*; restarting in (0\\.9[0-9]|1\\.[01]) s");
    }

    @Test
    void theSessionOfADeadStartGetsNoSignalFromTheStateMachine() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));

        // When
        scenario.exitsBeforeItsSession("egress", 1);

        // Then
        assertThat(scenario.signals()).isEmpty();
    }

    @Test
    void theNextStartWaitsUntilTheSessionIsEmpty() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0).exitsBeforeItsSession("egress", 1);
        boolean watched = scenario.daemon("egress").sessionToWatch().orElseThrow() == 100;

        // When
        scenario.at(600).timePasses();
        boolean early = scenario.effects().isEmpty();
        scenario.at(700).sessionEmptied("egress");

        // Then
        assertThat(watched).isTrue();
        assertThat(early).isTrue();
        assertThat(scenario.starts()).containsExactly("egress");
    }

    @Test
    void aSessionThatEmptiesBeforeTheEndOfTheDelayChangesNothing() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0).exitsBeforeItsSession("egress", 1);

        // When
        scenario.at(20).sessionEmptied("egress");

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.daemon("egress").sessionToWatch()).isEmpty();
        assertThat(scenario.deadlineMillis()).isBetween(450L, 550L);
        assertThat(scenario.at(551).timePasses().starts()).containsExactly("egress");
    }

    @Test
    void theNextStartWaitsHalfASecondAtMostForASessionThatSigkillDoesNotEnd() {
        // Given
        Scenario scenario = Scenario.up(restarting(rules("0s", "30s"), daemon("egress")))
                .at(0)
                .exitsBeforeItsSession("egress", 1);

        // When
        scenario.at(499).timePasses();
        boolean early = scenario.effects().isEmpty();
        scenario.at(500).timePasses();

        // Then
        assertThat(early).isTrue();
        assertThat(scenario.starts()).containsExactly("egress");
        assertThat(scenario.sessionEmptied("egress").effects()).isEmpty();
    }

    @Test
    void aStopDuringTheBackoffLeavesAtOnceWithTheCodeOfTheLatestDeath() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0).exitsBeforeItsSession("egress", 7);

        // When
        scenario.at(10).term();

        // Then
        assertThat(scenario.actions())
                .containsExactly(Scenario.say("shutting down (SIGTERM); forwarding SIGTERM"), new Effect.Leave(7));
        assertThat(scenario.words()).containsExactly("exited");
        assertThat(scenario.daemon("egress").nextStartAt()).isEmpty();
    }

    @Test
    void aStopDuringTheBackoffEndsItWhileOthersStop() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"), daemon("pipelock")))
                .at(0)
                .exits("egress", 1)
                .term();

        // When
        scenario.at(600).timePasses();

        // Then
        assertThat(scenario.words()).containsExactly("exited", "stopping");
        assertThat(scenario.starts()).isEmpty();
    }

    @Test
    void aDaemonThatWasRestartedAndObeysTheStopCountsAsZero() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(daemon("egress"))).exits("egress", 7).comesBack("egress", 200);

        // When
        scenario.term().isKilled("egress", Signal.TERM);

        // Then
        assertThat(scenario.effects()).endsWith(new Effect.Leave(0));
    }

    @Test
    void theDaemonsOwnPolicyOverridesTheBundles() {
        // Given
        Scenario scenario = Scenario.up(bundle(
                FailurePolicy.LEAVE,
                "8s",
                daemon("egress", FailurePolicy.RESTART),
                daemon("pipelock"),
                daemon("supervise")));
        Scenario other = Scenario.up(restarting(daemon("egress", FailurePolicy.LEAVE), daemon("pipelock")));

        // When
        scenario.exits("egress", 1).exits("pipelock", 1);
        other.exits("egress", 1);

        // Then
        assertThat(scenario.words()).containsExactly("backoff", "exited", "running");
        assertThat(other.words()).containsExactly("exited", "running");
    }

    @Test
    void aDaemonInBackoffKeepsTheBundleAlive() {
        // Given
        Scenario scenario = Scenario.up(
                bundle(FailurePolicy.LEAVE, "8s", daemon("egress", FailurePolicy.RESTART), daemon("pipelock")));

        // When
        scenario.exits("egress", 1).exits("pipelock", 1);

        // Then
        assertThat(scenario.effects()).noneMatch(effect -> effect instanceof Effect.Leave);
        assertThat(scenario.state().phase()).isEqualTo(new Phase.Running());
    }

    /** Successive deaths have these delays, within the jitter. */
    private static void assertDelays(RestartPolicy rules, long... millis) {
        Scenario scenario = Scenario.up(restarting(rules, daemon("egress")));
        for (int i = 0; i < millis.length; i++) {
            double delay = delayAfterDeath(scenario, "egress").toNanos() / 1e6;
            assertThat(delay).as("delay " + i).isBetween(millis[i] * 0.9, millis[i] * 1.1);
            if (scenario.daemon("egress").state() instanceof DaemonState.Backoff) {
                scenario.comesBack("egress", 200 + i);
            } else {
                scenario.started("egress", 200 + i);
            }
        }
    }

    private static Duration delayAfterDeath(Scenario scenario, String daemon) {
        scenario.exits(daemon, 1);
        return scenario.effects().stream()
                .filter(effect -> effect instanceof Effect.Publish(Notification notification)
                        && notification.type() == Notification.Type.DAEMON_RESTARTING)
                .map(effect ->
                        ((Effect.Publish) effect).notification().nextStartIn().orElseThrow())
                .findFirst()
                .orElseThrow();
    }

    private static RestartPolicy rules(String initialDelay, String maxDelay) {
        return restart(initialDelay, maxDelay, "60s", 100, "60s", CrashLoopAction.KEEP_TRYING);
    }
}
