package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.onCrashLoop;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restart;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.RestartRules;
import org.junit.jupiter.api.Test;

class CrashLoopTest {

    private static final String SAID = "egress is crash-looping (5 deaths in 60s)";

    @Test
    void fourDeathsAreNoCrashLoop() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));

        // When
        dies(story, 4);

        // Then
        assertThat(story.daemon("egress").crashLooping()).isFalse();
        assertThat(story.allLines()).doesNotContain(SAID);
    }

    @Test
    void theFifthDeathWithinTheWindowIsOneAndIsSaidAfterIt() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));
        dies(story, 4);

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.lines()).hasSize(2).last().isEqualTo(SAID);
        assertThat(story.notices())
                .extracting(notice -> notice.split(" ")[0])
                .containsExactly("daemon.exited", "daemon.crash-looping", "daemon.restarting");
        assertThat(story.daemon("egress").crashLooping()).isTrue();
        assertThat(story.words()).containsExactly("backoff");
    }

    @Test
    void deathsAtTheEdgeOfTheWindowCount() {
        // Given
        Story story = Story.up(restarting(twoIn10s(), daemon("egress"))).at(0).exits("egress", 1);
        story.comesBack("egress", 200);

        // When
        story.at(10_000).exits("egress", 1);

        // Then
        assertThat(story.lines()).contains("egress is crash-looping (2 deaths in 10s)");
    }

    @Test
    void deathsThatAreFurtherApartAreNone() {
        // Given
        Story story = Story.up(restarting(twoIn10s(), daemon("egress"))).at(0).exits("egress", 1);
        story.comesBack("egress", 200);

        // When
        story.at(10_001).exits("egress", 1);

        // Then
        assertThat(story.daemon("egress").crashLooping()).isFalse();
    }

    @Test
    void theWindowSlides() {
        // Given
        Story story = Story.up(restarting(twoIn10s(), daemon("egress"))).at(0).exits("egress", 1);
        story.comesBack("egress", 200).at(10_001).exits("egress", 1);
        story.comesBack("egress", 201);

        // When
        story.at(20_000).exits("egress", 1);

        // Then
        assertThat(story.daemon("egress").crashLooping()).isTrue();
    }

    @Test
    void failuresToStartMakeOneToo() {
        // Given
        Story story = Story.of(restarting(daemon("egress"))).begin().startFailed("egress");

        // When
        for (int i = 0; i < 4; i++) {
            story.at(story.deadlineMillis() + 1).timePasses().startFailed("egress");
        }

        // Then
        assertThat(story.lines().getLast()).isEqualTo(SAID);
    }

    @Test
    void deathsOfSeveralDaemonsDoNotAddUp() {
        // Given
        Story story = Story.up(restarting(daemon("egress"), daemon("pipelock")));
        dies(story, 4);

        // When
        story.exits("pipelock", 1);

        // Then
        assertThat(story.state().daemons()).noneMatch(DaemonStatus::crashLooping);
    }

    @Test
    void theWindowHoldsAlsoWhereDelaysBeginAnewWithinIt() {
        // Given
        Story story = Story.up(
                restarting(restart("500ms", "30s", "1s", 3, "60s", CrashLoopAction.KEEP_TRYING), daemon("egress")));

        // When
        for (int i = 0; i < 2; i++) {
            story.exits("egress", 1).comesBack("egress", 200 + i).after(2000).timePasses();
        }
        story.exits("egress", 1);

        // Then
        assertThat(story.lines().getFirst()).matches(".*; restarting in 0\\.[45][0-9] s");
        assertThat(story.lines().getLast()).isEqualTo("egress is crash-looping (3 deaths in 60s)");
    }

    @Test
    void itIsSaidOnce() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));
        dies(story, 5);

        // When
        dies(story, 5);

        // Then
        assertThat(story.allLines()).containsOnlyOnce(SAID);
        assertThat(story.allNotices())
                .filteredOn(notice -> notice.startsWith("daemon.crash"))
                .hasSize(1);
    }

    @Test
    void aRunningDaemonIsUnhealthyWhileItLasts() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));

        // When
        dies(story, 5);

        // Then
        assertThat(story.words()).containsExactly("running");
        assertThat(story.daemon("egress").ready()).isTrue();
        assertThat(story.daemon("egress").healthy()).isFalse();
        assertThat(story.state().ready()).isFalse();
    }

    @Test
    void itEndsAfterSixtySecondsOfBeingReady() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));
        dies(story, 5);

        // When
        story.after(59_999).timePasses();
        boolean early = story.daemon("egress").crashLooping();
        story.after(1).timePasses();

        // Then
        assertThat(early).isTrue();
        assertThat(story.daemon("egress").crashLooping()).isFalse();
        assertThat(story.notices()).containsExactly("bundle.ready");
        assertThat(story.lines()).isEmpty();
        assertThat(story.state().ready()).isTrue();
        assertThat(story.state().deadline()).isEmpty();
    }

    @Test
    void aBreakInBeingReadyMakesItLast() {
        // Given
        Story story = Story.up(restarting(probed("egress")));
        dies(story, 5);

        // When
        story.after(50_000)
                .fails("egress", ProbeKind.READINESS, "refused")
                .passes("egress", ProbeKind.READINESS)
                .after(50_000)
                .timePasses();

        // Then
        assertThat(story.daemon("egress").crashLooping()).isTrue();
    }

    @Test
    void notBeingReadyForLongDoesNotEndIt() {
        // Given
        Story story = Story.up(restarting(probed("egress")));
        dies(story, 5);

        // When
        story.fails("egress", ProbeKind.READINESS, "refused").after(600_000).timePasses();

        // Then
        assertThat(story.daemon("egress").crashLooping()).isTrue();
        assertThat(story.state().deadline()).isEmpty();
    }

    @Test
    void theNextOneIsSaidAgain() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));
        dies(story, 5);
        story.after(60_000).timePasses();

        // When
        dies(story, 5);

        // Then
        assertThat(story.allLines()).filteredOn(SAID::equals).hasSize(2);
    }

    @Test
    void theNextOneTakesAsManyDeathsAgain() {
        // Given
        Story story = Story.up(
                restarting(restart("500ms", "30s", "1s", 3, "60s", CrashLoopAction.KEEP_TRYING), daemon("egress")));
        dies(story, 3);
        story.after(1000).timePasses();

        // When
        dies(story, 2);
        boolean early = story.daemon("egress").crashLooping();
        story.exits("egress", 1);

        // Then
        assertThat(early).isFalse();
        assertThat(story.daemon("egress").crashLooping()).isTrue();
    }

    @Test
    void keepTryingGoesOnAtTheDelaysPace() {
        // Given
        Story story = Story.up(restarting(daemon("egress")));
        dies(story, 5);

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.lines()).singleElement().asString().matches(".*; restarting in 1[4-7]\\.[0-9] s");
    }

    @Test
    void withTheActionLeaveTheOthersRunOn() {
        // Given
        Story story = Story.up(restarting(onCrashLoop(CrashLoopAction.LEAVE), daemon("egress"), daemon("pipelock")));
        dies(story, 4);

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.lines())
                .containsExactly(
                        "egress exited with code 1; leaving surviving daemons running"
                                + " (operator-visible via agent-side failure)",
                        SAID);
        assertThat(story.notices())
                .containsExactly("daemon.exited egress, exited", "daemon.crash-looping egress, exited");
        assertThat(story.words()).containsExactly("exited", "running");
        assertThat(story.daemon("egress").crashLooping()).isTrue();
        assertThat(story.state().deadline()).isEmpty();
    }

    @Test
    void withTheActionTeardownTheBundleStopsWithTheDeathsCode() {
        // Given
        Story story = Story.up(restarting(onCrashLoop(CrashLoopAction.TEARDOWN), daemon("egress"), daemon("pipelock")));
        dies(story, 4);

        // When
        story.exits("egress", 9);

        // Then
        assertThat(story.lines())
                .containsExactly(
                        "egress exited with code 9; shutting down the bundle",
                        SAID,
                        "shutting down (egress exited); forwarding SIGTERM");
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(story.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(9));
    }

    @Test
    void theActionComesWithTheFirstDeathWhereOneIsACrashLoop() {
        // Given
        Story story = Story.up(restarting(
                restart("500ms", "30s", "60s", 1, "60s", CrashLoopAction.LEAVE), daemon("egress"), daemon("pipelock")));

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.words()).containsExactly("exited", "running");
    }

    private static void dies(Story story, int times) {
        for (int i = 0; i < times; i++) {
            story.exits("egress", 1).comesBack("egress", 200 + i);
        }
    }

    private static RestartRules twoIn10s() {
        return restart("500ms", "30s", "60s", 2, "10s", CrashLoopAction.KEEP_TRYING);
    }
}
