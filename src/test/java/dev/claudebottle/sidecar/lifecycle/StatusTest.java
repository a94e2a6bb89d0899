package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the snapshots tell. */
class StatusTest {

    @Test
    void aDaemonThatWasNotStartedHasNoNumbers() {
        // Given
        Story story = Story.of(bundle("egress"));

        // When
        DaemonStatus egress = story.daemon("egress");

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
    void aStartUnderWayCounts() {
        // Given
        Story story = Story.of(bundle("egress"));

        // When
        story.begin();

        // Then
        assertThat(story.daemon("egress").starts()).isEqualTo(1);
        assertThat(story.daemon("egress").pid()).isEmpty();
        assertThat(story.state().started()).isFalse();
    }

    @Test
    void aStartThatFailedCountsButWasNeverReady() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin();

        // When
        story.startFailed("egress").started("pipelock", 12);

        // Then
        assertThat(story.daemon("egress").starts()).isEqualTo(1);
        assertThat(story.daemon("egress").restarts()).isZero();
        assertThat(story.daemon("egress").everReady()).isFalse();
        assertThat(story.state().started()).isFalse();
    }

    @Test
    void aDaemonIsReadyAsSoonAsItIsStarted() {
        // Given
        Story story = Story.of(bundle("egress")).begin();

        // When
        story.at(250).started("egress", 12);

        // Then
        assertThat(story.daemon("egress").ready()).isTrue();
        assertThat(story.daemon("egress").pid()).hasValue(12);
        assertThat(story.daemon("egress").startedAt()).contains(Instant.parse("2026-11-22T15:00:00.373Z"));
        assertThat(story.state().ready()).isTrue();
        assertThat(story.state().started()).isTrue();
    }

    @Test
    void anEndTakesThePidAndTheStartTimeAway() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.daemon("egress").pid()).isEmpty();
        assertThat(story.daemon("egress").startedAt()).isEmpty();
        assertThat(story.daemon("egress").starts()).isEqualTo(1);
    }

    @Test
    void aStoppingDaemonKeepsItsPidWhileItLives() {
        // Given
        Story story = Story.up(bundle("egress"));

        // When
        story.term();

        // Then
        assertThat(story.daemon("egress").pid()).hasValue(100);
        assertThat(story.daemon("egress").startedAt()).contains(Instant.parse("2026-11-22T15:00:00.123Z"));
    }

    @Test
    void theLastExitIsTheCodeOfAnExit() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.at(10_333).exits("egress", 1);

        // Then
        assertThat(story.daemon("egress").lastExit())
                .contains(new LastExit(1, null, Instant.parse("2026-11-22T15:00:10.456Z"), null, null));
    }

    @Test
    void theLastExitIs128PlusTheSignalAndItsName() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.on(new Event.Exited("egress", new ExitStatus.Killed(Signal.KILL, false), false, true));

        // Then
        LastExit last = story.daemon("egress").lastExit().orElseThrow();
        assertThat(last.code()).isEqualTo(137);
        assertThat(last.signal()).isEqualTo("SIGKILL");
        assertThat(last.oomKilled()).isTrue();
        assertThat(last.text()).isEqualTo("137 (SIGKILL)");
    }

    @Test
    void theLastExitOfAFailureToStartTellsTheError() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin();

        // When
        story.startFailed("egress");

        // Then
        assertThat(story.daemon("egress").lastExit())
                .contains(new LastExit(127, null, story.now().utc(), "No such file or directory", null));
    }

    @Test
    void theLastExitTellsTheTruthAlsoOfAnEndThatCountsAsZero() {
        // Given
        Story story = Story.up(bundle("egress")).term();

        // When
        story.exits("egress", 143);

        // Then
        assertThat(story.daemon("egress").lastExit().orElseThrow().text()).isEqualTo("143");
        assertThat(story.daemon("egress").exitCode()).isZero();
    }

    @Test
    void theWaitBeforeTheFirstReadyIsNoGap() {
        // Given
        Story story = Story.of(bundle("egress")).begin();

        // When
        story.at(5000).started("egress", 12);

        // Then
        assertThat(story.daemon("egress").gaps()).isEqualTo(Gaps.NONE);
    }

    @Test
    void aDeathOpensAGapThatIsCountedAndSummedUpToNow() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).at(400);

        // When
        story.exits("egress", 0);

        // Then
        Gaps gaps = story.daemon("egress").gaps();
        assertThat(gaps.isOpen()).isTrue();
        assertThat(gaps.count()).isEqualTo(1);
        assertThat(gaps.total(story.now().nanos())).isZero();
        assertThat(gaps.total(story.at(2200).now().nanos())).isEqualTo(Duration.ofMillis(1800));
        assertThat(story.daemon("pipelock").gaps()).isEqualTo(Gaps.NONE);
    }

    @Test
    void aFailureToStartOpensAGap() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin();

        // When
        story.startFailed("egress");

        // Then
        assertThat(story.daemon("egress").gaps().isOpen()).isTrue();
        assertThat(story.daemon("egress").gaps().count()).isEqualTo(1);
    }

    @Test
    void theEndsOfAStopOpenNoGap() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock", "git-gate"))
                .begin()
                .started("egress", 12)
                .started("pipelock", 13)
                .term();

        // When
        story.exits("egress", 1).isKilled("pipelock", Signal.TERM).startFailed("git-gate");

        // Then
        assertThat(story.state().daemons()).extracting(DaemonStatus::gaps).containsOnly(Gaps.NONE);
    }

    @Test
    void aGapStaysOpenThroughAStop() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).at(1000).exits("egress", 1);

        // When
        story.at(3000).term();

        // Then
        assertThat(story.daemon("egress").gaps().isOpen()).isTrue();
        assertThat(story.daemon("egress").gaps().total(story.now().nanos())).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void gapsThatAreOverAddUp() {
        // Given
        Gaps one = Gaps.NONE.open(new Moment(100, Instant.EPOCH));

        // When
        Gaps again = one.open(new Moment(150, Instant.EPOCH));
        Gaps second = new Gaps(1, Duration.ofNanos(40), one.openSince());

        // Then
        assertThat(again).isEqualTo(one);
        assertThat(second.total(160)).isEqualTo(Duration.ofNanos(100));
    }

    @Test
    void nothingWaitsForTimeUnlessTheBundleStops() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock"));

        // When
        boolean before = story.state().deadline().isPresent();
        boolean starting = story.begin().state().deadline().isPresent();
        boolean running = story.started("egress", 12)
                .started("pipelock", 13)
                .state()
                .deadline()
                .isPresent();
        boolean gap = story.exits("egress", 1).state().deadline().isPresent();
        boolean stopping = story.term().state().deadline().isPresent();
        boolean over = story.exits("pipelock", 0).state().deadline().isPresent();

        // Then
        assertThat(new boolean[] {before, starting, running, gap, stopping, over})
                .containsExactly(false, false, false, false, true, false);
    }

    @Test
    void aJumpOfTheWallClockMovesNoDeadline() {
        // Given
        Story story = Story.up(bundle("egress")).at(0).term();

        // When
        Lifecycle.Step step = Lifecycle.step(
                story.state(),
                new Event.TimePassed(),
                new Moment(story.at(100).now().nanos(), Instant.parse("2036-01-01T00:00:00Z")));

        // Then
        assertThat(step.effects()).isEmpty();
        assertThat(step.state()).isEqualTo(story.state());
    }
}
