package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restart;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.RestartRules;
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
    void aDeathIsFollowedByABackoffAndAnotherStart() {
        // Given
        Story story = Story.up(restarting(daemon("egress"), daemon("pipelock")));

        // When
        story.at(1000).exits("egress", 1);
        String wordAfterDeath = story.words().getFirst();
        story.at(story.deadlineMillis() + 1).timePasses();

        // Then
        assertThat(wordAfterDeath).isEqualTo("backoff");
        assertThat(story.told()).containsExactly("say: starting egress", "start egress");
        assertThat(story.words()).containsExactly("starting", "running");
        assertThat(story.daemon("egress").starts()).isEqualTo(2);
        assertThat(story.daemon("egress").restarts()).isEqualTo(1);
    }

    @Test
    void nothingStartsBeforeTheDelayIsOver() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(0).exits("egress", 1);

        // When
        story.at(story.deadlineMillis()).after(-1).timePasses();

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.words()).containsExactly("backoff");
    }

    @Test
    void exitCodeZeroIsADeathToo() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));

        // When
        story.exits("egress", 0);

        // Then
        assertThat(story.lines().getFirst()).matches("egress exited with code 0; restarting in 0\\.[45][0-9] s");
        assertThat(story.words()).containsExactly("backoff");
    }

    @Test
    void theLineTellsTheRealDelay() {
        for (long seed = 0; seed < 50; seed++) {
            // Given
            Story story = Story.up(restarting(daemon("egress")), seed).at(0);

            // When
            story.isKilled("egress", Signal.KILL);

            // Then
            long delay = ((DaemonState.Backoff) story.daemon("egress").state()).until()
                    - story.now().nanos();
            assertThat(story.lines())
                    .containsExactly("egress exited with code 137 (SIGKILL); restarting in "
                            + Seconds.text(Duration.ofNanos(delay)));
            assertThat(story.daemon("egress").nextStartAt())
                    .contains(story.now().utc().plusNanos(delay));
            assertThat(delay).isBetween(450_000_000L, 550_000_000L);
        }
    }

    @Test
    void aLongDelayIsSaidWithOneDecimal() {
        // Given
        Story story = Story.up(restarting(rules("8s", "30s"), daemon("egress")));

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.lines().getFirst()).matches("egress exited with code 1; restarting in [78]\\.[0-9] s");
    }

    @Test
    void delaysDoubleUpToTheirCap() {
        assertDelays(rules("500ms", "30s"), 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000);
    }

    @Test
    void theFirstDelayIsCappedToo() {
        assertDelays(rules("3s", "3s"), 3000, 3000, 3000);
    }

    @Test
    void afterAnInitialDelayOfZeroTheSecondIsHalfASecond() {
        assertDelays(rules("0s", "3s"), 0, 500, 1000, 2000, 3000, 3000, 3000, 3000, 3000);
    }

    @Test
    void afterAnInitialDelayOfZeroTheCapHoldsForTheSecondToo() {
        assertDelays(rules("0s", "200ms"), 0, 200, 200);
    }

    @Test
    void theJitterTakesAllOfItsTenPercentAndNoMore() {
        // Given
        List<Long> delays = new ArrayList<>();

        // When
        for (long seed = 0; seed < 2000; seed++) {
            Story story = Story.up(restarting(daemon("egress")), seed).exits("egress", 1);
            delays.add(((DaemonState.Backoff) story.daemon("egress").state()).until()
                    - story.now().nanos());
        }

        // Then
        assertThat(delays).allMatch(delay -> delay >= 450_000_000 && delay <= 550_000_000);
        assertThat(delays).anyMatch(delay -> delay < 452_000_000).anyMatch(delay -> delay > 548_000_000);
    }

    @Test
    void everyRestartIsJitteredAnew() {
        // Given
        Story story = Story.up(restarting(rules("10s", "10s"), daemon("egress"), daemon("pipelock")));
        Set<Duration> delays = new HashSet<>();

        // When
        for (int i = 0; i < 5; i++) {
            delays.add(delayAfterDeath(story, "egress"));
            story.comesBack("egress", 200 + i);
            delays.add(delayAfterDeath(story, "pipelock"));
            story.comesBack("pipelock", 300 + i);
        }

        // Then
        assertThat(delays).hasSize(10);
    }

    @Test
    void aDelayOfZeroStartsAtOnce() {
        // Given
        Story story = Story.up(restarting(rules("0s", "30s"), daemon("egress")));

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.deeds())
                .containsExactly(
                        new Effect.SayAfterLastWords("egress", "egress exited with code 1; restarting in 0.00 s"),
                        new Effect.Say("starting egress"),
                        new Effect.Start("egress"));
    }

    @Test
    void sixtySecondsOfBeingReadyBeginTheDelaysAnew() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(0);
        delayAfterDeath(story, "egress");
        story.comesBack("egress", 200);
        long deadline = story.deadlineMillis();
        long ready = story.now().nanos();

        // When
        story.after(60_000).timePasses();

        // Then
        assertThat(story.state().deadline()).isEmpty();
        assertThat(deadline).isGreaterThanOrEqualTo(60_450);
        assertThat(story.now().nanos() - ready).isEqualTo(60_000_000_000L);
        assertThat(delayAfterDeath(story, "egress").toMillis()).isBetween(450L, 550L);
    }

    @Test
    void aMomentLessThanSixtySecondsDoesNot() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(0);
        delayAfterDeath(story, "egress");
        story.comesBack("egress", 200);

        // When
        story.after(59_999).timePasses();

        // Then
        assertThat(delayAfterDeath(story, "egress").toMillis()).isBetween(900L, 1100L);
    }

    @Test
    void timeThatOnlyAddsUpToSixtySecondsDoesNot() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).at(0);
        delayAfterDeath(story, "egress");
        story.comesBack("egress", 200);

        // When
        story.after(40_000)
                .fails("egress", ProbeKind.READINESS, "refused")
                .after(10)
                .passes("egress", ProbeKind.READINESS)
                .after(40_000)
                .timePasses();

        // Then
        assertThat(delayAfterDeath(story, "egress").toMillis()).isBetween(900L, 1100L);
    }

    @Test
    void passingProbesDoNotBeginTheSixtySecondsAnew() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).at(0);
        delayAfterDeath(story, "egress");
        story.comesBack("egress", 200);

        // When
        story.after(40_000).passes("egress", ProbeKind.READINESS).after(20_000).timePasses();

        // Then
        assertThat(delayAfterDeath(story, "egress").toMillis()).isBetween(450L, 550L);
    }

    @Test
    void theResetHoldsAlsoWhenTheDeathComesBeforeTheTimer() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(0);
        delayAfterDeath(story, "egress");
        story.comesBack("egress", 200);

        // When
        story.after(60_000);

        // Then
        assertThat(delayAfterDeath(story, "egress").toMillis()).isBetween(450L, 550L);
    }

    @Test
    void theResetHoldsAlsoWhenAFailedProbeComesBeforeTheTimer() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).at(0);
        delayAfterDeath(story, "egress");
        story.comesBack("egress", 200);

        // When
        story.after(60_000).fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(delayAfterDeath(story, "egress").toMillis()).isBetween(450L, 550L);
    }

    @Test
    void aProgramThatCannotBeStartedIsTriedUntilItAppears() {
        // Given
        Story story = Story.of(restarting(daemon("egress"), daemon("pipelock"))).begin();

        // When
        story.startFailed("egress");
        List<String> lines = story.lines();
        story.started("pipelock", 13).comesBack("egress", 14);

        // Then
        assertThat(lines.getFirst())
                .matches("cannot start egress: /bin/egress: No such file or directory; restarting in 0\\.[45][0-9] s");
        assertThat(lines.getLast()).isEqualTo("starting pipelock");
        assertThat(story.words()).containsExactly("running", "running");
        assertThat(story.daemon("egress").restarts()).isEqualTo(1);
        assertThat(story.daemon("egress").lastExit().orElseThrow().code()).isEqualTo(127);
    }

    @Test
    void aFailureToStartCountsAsADeath() {
        // Given
        Story story = Story.of(restarting(daemon("egress"))).begin().startFailed("egress");
        story.at(story.deadlineMillis() + 1).timePasses();

        // When
        story.startFailed("egress");

        // Then
        assertThat(story.daemon("egress").deaths()).isEqualTo(new Deaths(0, 0, 2, 0));
        assertThat(story.lines().getFirst()).matches(".*; restarting in (0\\.9[0-9]|1\\.[01]) s");
    }

    @Test
    void theMachineSignalsNoDeadStart() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));

        // When
        story.exitsBeforeItsGroup("egress", 1);

        // Then
        assertThat(story.signals()).isEmpty();
    }

    @Test
    void theNextStartWaitsForAGroupThatIsNotEmptyYet() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(0).exitsBeforeItsGroup("egress", 1);
        boolean watched = story.daemon("egress").groupToWatch().orElseThrow() == 100;

        // When
        story.at(600).timePasses();
        boolean early = story.effects().isEmpty();
        story.at(700).groupEmptied("egress");

        // Then
        assertThat(watched).isTrue();
        assertThat(early).isTrue();
        assertThat(story.starts()).containsExactly("egress");
    }

    @Test
    void aGroupThatIsEmptyBeforeTheDelayIsOverChangesNothing() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(0).exitsBeforeItsGroup("egress", 1);

        // When
        story.at(20).groupEmptied("egress");

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.daemon("egress").groupToWatch()).isEmpty();
        assertThat(story.deadlineMillis()).isBetween(450L, 550L);
        assertThat(story.at(551).timePasses().starts()).containsExactly("egress");
    }

    @Test
    void aGroupThatSigkillDoesNotEndIsWaitedForHalfASecondAtMost() {
        // Given
        Story story =
                Story.up(restarting(rules("0s", "30s"), daemon("egress"))).at(0).exitsBeforeItsGroup("egress", 1);

        // When
        story.at(499).timePasses();
        boolean early = story.effects().isEmpty();
        story.at(500).timePasses();

        // Then
        assertThat(early).isTrue();
        assertThat(story.starts()).containsExactly("egress");
        assertThat(story.groupEmptied("egress").effects()).isEmpty();
    }

    @Test
    void aStopDuringTheBackoffLeavesAtOnceWithTheLatestDeathsCode() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(0).exitsBeforeItsGroup("egress", 7);

        // When
        story.at(10).term();

        // Then
        assertThat(story.deeds())
                .containsExactly(new Effect.Say("shutting down (SIGTERM); forwarding SIGTERM"), new Effect.Leave(7));
        assertThat(story.words()).containsExactly("exited");
        assertThat(story.daemon("egress").nextStartAt()).isEmpty();
    }

    @Test
    void aStopDuringTheBackoffEndsItWhileOthersStop() {
        // Given
        Story story = Story.up(restarting(daemon("egress"), daemon("pipelock")))
                .at(0)
                .exits("egress", 1)
                .term();

        // When
        story.at(600).timePasses();

        // Then
        assertThat(story.words()).containsExactly("exited", "stopping");
        assertThat(story.starts()).isEmpty();
    }

    @Test
    void aDaemonThatWasRestartedAndObeysTheStopCountsAsZero() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).exits("egress", 7).comesBack("egress", 200);

        // When
        story.term().isKilled("egress", Signal.TERM);

        // Then
        assertThat(story.effects()).endsWith(new Effect.Leave(0));
    }

    @Test
    void theDaemonsOwnPolicyComesBeforeTheBundles() {
        // Given
        Story story = Story.up(bundle(
                FailurePolicy.LEAVE,
                "8s",
                daemon("egress", FailurePolicy.RESTART),
                daemon("pipelock"),
                daemon("supervise")));
        Story other = Story.up(restarting(daemon("egress", FailurePolicy.LEAVE), daemon("pipelock")));

        // When
        story.exits("egress", 1).exits("pipelock", 1);
        other.exits("egress", 1);

        // Then
        assertThat(story.words()).containsExactly("backoff", "exited", "running");
        assertThat(other.words()).containsExactly("exited", "running");
    }

    @Test
    void aDaemonInBackoffKeepsTheBundleAlive() {
        // Given
        Story story = Story.up(
                bundle(FailurePolicy.LEAVE, "8s", daemon("egress", FailurePolicy.RESTART), daemon("pipelock")));

        // When
        story.exits("egress", 1).exits("pipelock", 1);

        // Then
        assertThat(story.effects()).noneMatch(effect -> effect instanceof Effect.Leave);
        assertThat(story.state().phase()).isEqualTo(new Phase.Running());
    }

    /** Deaths in a row have these delays, give or take the jitter. */
    private static void assertDelays(RestartRules rules, long... millis) {
        Story story = Story.up(restarting(rules, daemon("egress")));
        for (int i = 0; i < millis.length; i++) {
            double delay = delayAfterDeath(story, "egress").toNanos() / 1e6;
            assertThat(delay).as("delay " + i).isBetween(millis[i] * 0.9, millis[i] * 1.1);
            if (story.daemon("egress").state() instanceof DaemonState.Backoff) {
                story.comesBack("egress", 200 + i);
            } else {
                story.started("egress", 200 + i);
            }
        }
    }

    private static Duration delayAfterDeath(Story story, String daemon) {
        story.exits(daemon, 1);
        return story.effects().stream()
                .filter(effect -> effect instanceof Effect.Publish(Notice notice)
                        && notice.type() == Notice.Type.DAEMON_RESTARTING)
                .map(effect -> ((Effect.Publish) effect).notice().nextStartIn().orElseThrow())
                .findFirst()
                .orElseThrow();
    }

    private static RestartRules rules(String initialDelay, String maxDelay) {
        return restart(initialDelay, maxDelay, "60s", 100, "60s", CrashLoopAction.KEEP_TRYING);
    }
}
