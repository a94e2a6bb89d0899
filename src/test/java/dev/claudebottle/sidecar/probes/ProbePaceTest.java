package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.Event;
import dev.claudebottle.sidecar.lifecycle.Lifecycle;
import dev.claudebottle.sidecar.lifecycle.ProbeKind;
import dev.claudebottle.sidecar.lifecycle.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The times are milliseconds. */
class ProbePaceTest {

    @Test
    void anUnreadyDaemonIsAskedAfterFiftyMillisecondsAndThenTwiceAsLongUpToThePeriod() {
        // Given
        ProbePace pace = readiness("2s", 1);

        // When
        List<Long> delays = failures(pace, 9, 0);

        // Then
        assertThat(delays).containsExactly(50L, 100L, 200L, 400L, 800L, 1600L, 2000L, 2000L, 2000L);
    }

    @Test
    void aReadyDaemonIsAskedOnceAPeriod() {
        // Given
        ProbePace pace = readiness("10s", 1);
        failures(pace, 3, 0);

        // When / Then: from the start of one attempt to that of the next
        assertThat(next(pace, true, 0)).isEqualTo(10_000);
        assertThat(next(pace, true, 300)).isEqualTo(9700);
    }

    @Test
    void aFailureBelowTheThresholdDoesNotChangeThePeriod() {
        // Given
        ProbePace pace = readiness("10s", 3);
        next(pace, true, 0);

        // When / Then
        assertThat(failures(pace, 2, 0)).containsExactly(10_000L, 10_000L);
        assertThat(next(pace, true, 0)).isEqualTo(10_000);
        assertThat(failures(pace, 4, 0)).containsExactly(10_000L, 10_000L, 50L, 100L);
    }

    @Test
    void beforeItsFirstReadyTheThresholdDoesNotCount() {
        assertThat(failures(readiness("10s", 3), 2, 0)).containsExactly(50L, 100L);
    }

    @Test
    void eachTimeThatItTurnsUnreadyItBeginsWithFiftyMilliseconds() {
        // Given
        ProbePace pace = readiness("10s", 1);
        failures(pace, 5, 0);
        next(pace, true, 0);

        // When / Then
        assertThat(failures(pace, 2, 0)).containsExactly(50L, 100L);
        next(pace, true, 0);
        assertThat(failures(pace, 2, 0)).containsExactly(50L, 100L);
    }

    @Test
    void aCheckThatTakesLongIsNotAskedWithoutABreakAndNeverLaterThanOnceAPeriod() {
        // Given: as long as a timeout
        ProbePace pace = readiness("2s", 1);

        // When / Then
        assertThat(failures(pace, 7, 1000)).containsExactly(50L, 100L, 200L, 400L, 800L, 1000L, 1000L);
    }

    @Test
    void aCheckThatTakesLongerThanThePeriodIsAskedAgainAtOnce() {
        assertThat(next(readiness("1s", 1), false, 1200)).isNegative();
    }

    @Test
    void aPeriodBelowFiftyMillisecondsIsKept() {
        assertThat(failures(readiness("20ms", 1), 3, 5)).containsExactly(15L, 15L, 15L);
    }

    @Test
    void livenessIsAskedOnceAPeriodWhateverItsAnswer() {
        // Given
        ProbePace pace = new ProbePace(probe("10s", 1), ProbeKind.LIVENESS);

        // When / Then
        assertThat(failures(pace, 2, 400)).containsExactly(9600L, 9600L);
        assertThat(next(pace, true, 400)).isEqualTo(9600);
    }

    @Test
    void itIsOncePerPeriodExactlyWhileTheStateMachineSaysThatTheDaemonIsReady() {
        RandomGenerator random = new SplittableRandom(1);
        for (int threshold = 1; threshold <= 3; threshold++) {
            // Given
            Probe probe = probe("10m", threshold);
            ProbePace pace = new ProbePace(probe, ProbeKind.READINESS);
            Daemon daemon =
                    Daemon.builder("guard", "/bin/guard").readiness(probe).build();
            BundleState state = BundleState.initial(
                    Bundle.builder().daemons(List.of(daemon)).build(), 1);
            state = after(state, new Event.Begin());
            state = after(state, new Event.Started("guard", 12));
            for (int i = 0; i < 1000; i++) {
                // When
                Optional<String> failure = random.nextInt(3) == 0 ? Optional.of("refused") : Optional.empty();
                state = after(state, new Event.Probed("guard", ProbeKind.READINESS, 1, failure));
                long delay = next(pace, failure.isEmpty(), 0);

                // Then
                assertThat(delay == 600_000).isEqualTo(state.ready());
            }
        }
    }

    private static BundleState after(BundleState state, Event event) {
        return Lifecycle.step(state, event, new Timestamp(0, Instant.EPOCH)).state();
    }

    private static List<Long> failures(ProbePace pace, int count, long took) {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            delays.add(next(pace, false, took));
        }
        return delays;
    }

    private static long next(ProbePace pace, boolean passed, long took) {
        return pace.next(passed, took * 1_000_000) / 1_000_000;
    }

    private static ProbePace readiness(String period, int threshold) {
        return new ProbePace(probe(period, threshold), ProbeKind.READINESS);
    }

    private static Probe probe(String period, int threshold) {
        return Probe.builder()
                .target(new Probe.Target.Tcp("127.0.0.1", 1))
                .period(TimeSpan.of(period))
                .failureThreshold(threshold)
                .build();
    }
}
