package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a snapshot says about a daemon. */
class StatusTest {

    @Test
    void aDaemonThatWasNotStartedHasNoPidStartsOrExit() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress"));

        // When
        DaemonStatus egress = scenario.daemon("egress");

        // Then
        assertThat(egress.state().word()).isEqualTo("waiting");
        assertThat(egress.starts()).isZero();
        assertThat(egress.restarts()).isZero();
        assertThat(egress.pid()).isEmpty();
        assertThat(egress.startedAt()).isEmpty();
        assertThat(egress.lastExit()).isEmpty();
        assertThat(egress.gaps()).isEqualTo(Gaps.NONE);
    }

    @Test
    void aStartCountsBeforeItsAnswer() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress"));

        // When
        scenario.begin();

        // Then
        assertThat(scenario.daemon("egress").starts()).isEqualTo(1);
        assertThat(scenario.daemon("egress").pid()).isEmpty();
        assertThat(scenario.state().started()).isFalse();
    }

    @Test
    void aStartThatFailedCountsButWasNeverReady() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock")).begin();

        // When
        scenario.startFailed("egress").started("pipelock", 12);

        // Then
        assertThat(scenario.daemon("egress").starts()).isEqualTo(1);
        assertThat(scenario.daemon("egress").restarts()).isZero();
        assertThat(scenario.daemon("egress").everReady()).isFalse();
        assertThat(scenario.state().started()).isFalse();
    }

    @Test
    void aDaemonIsReadyAsSoonAsItIsStarted() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress")).begin();

        // When
        scenario.at(250).started("egress", 12);

        // Then
        assertThat(scenario.daemon("egress").ready()).isTrue();
        assertThat(scenario.daemon("egress").pid()).hasValue(12);
        assertThat(scenario.daemon("egress").startedAt()).contains(Instant.parse("2026-11-22T15:00:00.373Z"));
        assertThat(scenario.state().ready()).isTrue();
        assertThat(scenario.state().started()).isTrue();
    }

    @Test
    void anExitedDaemonHasNeitherPidNorStartTime() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.daemon("egress").pid()).isEmpty();
        assertThat(scenario.daemon("egress").startedAt()).isEmpty();
        assertThat(scenario.daemon("egress").starts()).isEqualTo(1);
    }

    @Test
    void aStoppingDaemonKeepsItsPidWhileItLives() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress"));

        // When
        scenario.term();

        // Then
        assertThat(scenario.daemon("egress").pid()).hasValue(100);
        assertThat(scenario.daemon("egress").startedAt()).contains(Instant.parse("2026-11-22T15:00:00.123Z"));
    }

    @Test
    void theLastExitIsTheCodeOfAnExit() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.at(10_333).exits("egress", 1);

        // Then
        assertThat(scenario.daemon("egress").lastExit())
                .contains(
                        new LastExit(1, null, ExitReason.EXIT, Instant.parse("2026-11-22T15:00:10.456Z"), null, null));
    }

    @Test
    void theLastExitIs128PlusTheSignalAndItsName() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.on(new Event.Exited("egress", new ExitStatus.Killed(Signal.KILL, false), false, true));

        // Then
        LastExit last = scenario.daemon("egress").lastExit().orElseThrow();
        assertThat(last.code()).isEqualTo(137);
        assertThat(last.signal()).isEqualTo("SIGKILL");
        assertThat(last.oomKilled()).isTrue();
        assertThat(last.text()).isEqualTo("137 (SIGKILL, out of memory)");
    }

    @Test
    void theLastExitOfAFailureToStartHasTheError() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock")).begin();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.daemon("egress").lastExit())
                .contains(new LastExit(
                        127, null, ExitReason.START, scenario.now().utc(), "No such file or directory", null));
    }

    @Test
    void theLastExitKeepsTheRealCodeOfAnEndThatCountsAsZero() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).term();

        // When
        scenario.exits("egress", 143);

        // Then
        assertThat(scenario.daemon("egress").lastExit().orElseThrow().text()).isEqualTo("143");
        assertThat(scenario.daemon("egress").exitCode()).isZero();
    }

    @Test
    void theWaitBeforeTheFirstReadyIsNoGap() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress")).begin();

        // When
        scenario.at(5000).started("egress", 12);

        // Then
        assertThat(scenario.daemon("egress").gaps()).isEqualTo(Gaps.NONE);
    }

    @Test
    void aDeathOpensAGapThatIsCountedAndSummedUpToNow() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).at(400);

        // When
        scenario.exits("egress", 0);

        // Then
        Gaps gaps = scenario.daemon("egress").gaps();
        assertThat(gaps.isOpen()).isTrue();
        assertThat(gaps.count()).isEqualTo(1);
        assertThat(gaps.total(scenario.now().nanos())).isZero();
        assertThat(gaps.total(scenario.at(2200).now().nanos())).isEqualTo(Duration.ofMillis(1800));
        assertThat(scenario.daemon("pipelock").gaps()).isEqualTo(Gaps.NONE);
    }

    @Test
    void aFailureToStartOpensAGap() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock")).begin();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.daemon("egress").gaps().isOpen()).isTrue();
        assertThat(scenario.daemon("egress").gaps().count()).isEqualTo(1);
    }

    @Test
    void exitsInAStopOpenNoGap() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock", "git-gate"))
                .begin()
                .started("egress", 12)
                .started("pipelock", 13)
                .term();

        // When
        scenario.exits("egress", 1).isKilled("pipelock", Signal.TERM).startFailed("git-gate");

        // Then
        assertThat(scenario.state().daemons()).extracting(DaemonStatus::gaps).containsOnly(Gaps.NONE);
    }

    @Test
    void aGapStaysOpenThroughAStop() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).at(1000).exits("egress", 1);

        // When
        scenario.at(3000).term();

        // Then
        assertThat(scenario.daemon("egress").gaps().isOpen()).isTrue();
        assertThat(scenario.daemon("egress").gaps().total(scenario.now().nanos()))
                .isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void closedGapsAddUp() {
        // Given
        Gaps one = Gaps.NONE.open(new Timestamp(100, Instant.EPOCH));

        // When
        Gaps again = one.open(new Timestamp(150, Instant.EPOCH));
        Gaps second = new Gaps(1, Duration.ofNanos(40), Duration.ZERO, one.openSince(), false);

        // Then
        assertThat(again).isEqualTo(one);
        assertThat(second.total(160)).isEqualTo(Duration.ofNanos(100));
    }

    @Test
    void deathsAreCountedByTheirReason() {
        // When
        DeathCounts counts = DeathCounts.NONE;
        for (ExitReason reason : ExitReason.values()) {
            for (int deaths = 0; deaths <= reason.ordinal(); deaths++) {
                counts = counts.plusOne(reason);
            }
        }

        // Then
        assertThat(counts).isEqualTo(new DeathCounts(1, 2, 3, 4));
        assertThat(Stream.of(ExitReason.values()).map(counts::of)).containsExactly(1, 2, 3, 4);
    }

    @Test
    void sessionsAreWatchedWhileADeadDaemonHasLeftOne() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock", "supervise"));

        // When
        boolean up = scenario.state().watchesSessions();
        boolean dead = scenario.exits("pipelock", 1).state().watchesSessions();
        boolean left = scenario.exitsBeforeItsSession("egress", 1).state().watchesSessions();

        // Then
        assertThat(new boolean[] {up, dead, left}).containsExactly(false, false, true);
    }

    @Test
    void thereIsNoDeadlineUnlessTheBundleStops() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock"));

        // When
        boolean before = scenario.state().deadline().isPresent();
        boolean starting = scenario.begin().state().deadline().isPresent();
        boolean running = scenario.started("egress", 12)
                .started("pipelock", 13)
                .state()
                .deadline()
                .isPresent();
        boolean gap = scenario.exits("egress", 1).state().deadline().isPresent();
        boolean stopping = scenario.term().state().deadline().isPresent();
        boolean over = scenario.exits("pipelock", 0).state().deadline().isPresent();

        // Then
        assertThat(new boolean[] {before, starting, running, gap, stopping, over})
                .containsExactly(false, false, false, false, true, false);
    }

    @Test
    void aJumpOfTheUtcTimeMovesNoDeadline() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress")).at(0).term();

        // When
        Lifecycle.Step step = Lifecycle.step(
                scenario.state(),
                new Event.TimePassed(),
                new Timestamp(scenario.at(100).now().nanos(), Instant.parse("2036-01-01T00:00:00Z")));

        // Then
        assertThat(step.effects()).isEmpty();
        assertThat(step.state()).isEqualTo(scenario.state());
    }
}
