package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.onCrashLoop;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which notice comes when, and what it tells. */
class NoticeTest {

    @Test
    void aBundleComesUp() {
        // Given
        Story story = Story.of(restarting(daemon("egress"), probed("pipelock")));

        // When
        story.begin().started("egress", 12).started("pipelock", 13).passes("pipelock", ProbeKind.READINESS);

        // Then
        assertThat(story.allNotices())
                .containsExactly(
                        "bundle.started",
                        "daemon.started egress, starting",
                        "daemon.ready egress, running",
                        "daemon.started pipelock, starting",
                        "daemon.ready pipelock, running",
                        "bundle.ready");
    }

    @Test
    void aDaemonDiesAndComesBack() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(0);
        int before = story.allNotices().size();

        // When
        story.exits("egress", 1).at(700).timePasses().started("egress", 200);

        // Then
        List<String> notices =
                story.allNotices().subList(before, story.allNotices().size());
        assertThat(notices).hasSize(6);
        assertThat(notices.get(0)).isEqualTo("daemon.exited egress, backoff");
        assertThat(notices.get(1)).matches("daemon\\.restarting egress, backoff, next start in [45][0-9][0-9] ms");
        assertThat(notices.subList(2, 6))
                .containsExactly(
                        "daemon.started egress, starting",
                        "daemon.ready egress, running",
                        "daemon.recovered egress, running, gap of 700 ms",
                        "bundle.ready");
    }

    @Test
    void theNoticeOfADeathTellsHowItEnded() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(1000);

        // When
        story.isKilled("egress", Signal.KILL);

        // Then
        Notice exited = first(story);
        assertThat(exited.type()).isEqualTo(Notice.Type.DAEMON_EXITED);
        assertThat(exited.at()).isEqualTo(story.now().utc());
        assertThat(exited.daemon().orElseThrow().lastExit())
                .contains(new LastExit(137, "SIGKILL", story.now().utc(), null, null));
        assertThat(exited.daemon().orElseThrow().deaths()).isEqualTo(new Deaths(0, 1, 0, 0));
        assertThat(exited.daemon().orElseThrow().gaps().isOpen()).isTrue();
    }

    @Test
    void theDelayOfTheNoticeIsTheRealOne() {
        // Given
        Story story = Story.up(restarting(daemon("egress"))).at(1000);

        // When
        story.exits("egress", 1);

        // Then
        Notice restarting = ((Effect.Publish) story.effects().getLast()).notice();
        Duration delay = restarting.nextStartIn().orElseThrow();
        assertThat(((DaemonState.Backoff) story.daemon("egress").state()).until())
                .isEqualTo(story.now().nanos() + delay.toNanos());
        assertThat(story.lines().getFirst()).endsWith("restarting in " + Seconds.text(delay));
    }

    @Test
    void aFailureToStartIsAnExitWithoutAStarted() {
        // Given
        Story story = Story.of(bundle("egress", "pipelock")).begin();

        // When
        story.startFailed("egress");

        // Then
        assertThat(story.notices()).containsExactly("daemon.exited egress, exited");
        assertThat(first(story).daemon().orElseThrow().lastExit().orElseThrow().error())
                .isEqualTo("No such file or directory");
    }

    @Test
    void aTeardownTellsOfTheDeathThenOfTheStop() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")));

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.notices()).containsExactly("daemon.exited egress, exited", "bundle.stopping");
    }

    @Test
    void aCrashLoopThatTearsDownTellsOfAllThree() {
        // Given
        Story story = Story.up(restarting(onCrashLoop(CrashLoopAction.TEARDOWN), daemon("egress"), daemon("pipelock")));
        for (int i = 0; i < 4; i++) {
            story.exits("egress", 1).comesBack("egress", 200 + i);
        }

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.notices())
                .containsExactly(
                        "daemon.exited egress, exited", "daemon.crash-looping egress, exited", "bundle.stopping");
    }

    @Test
    void aStopTellsOfItselfAndOfEveryEndOnce() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock")).term();
        List<String> first = story.notices();

        // When
        story.exitsBeforeItsGroup("egress", 0);
        List<String> second = story.notices();
        story.groupEmptied("egress");
        List<String> third = story.notices();
        story.isKilled("pipelock", Signal.TERM);

        // Then
        assertThat(first).containsExactly("bundle.stopping");
        assertThat(second).containsExactly("daemon.exited egress, stopping");
        assertThat(third).isEmpty();
        assertThat(story.notices()).containsExactly("daemon.exited pipelock, exited");
    }

    @Test
    void aFailureToStartDuringTheStopIsToldToo() {
        // Given
        Story story = Story.of(bundle("egress")).begin().term();

        // When
        story.startFailed("egress");

        // Then
        assertThat(story.notices()).containsExactly("daemon.exited egress, exited");
    }

    @Test
    void theEndOfAProcessThatWasGivenUpIsToldWhenItComes() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses()
                .at(2500)
                .timePasses();
        boolean early = !story.notices().isEmpty();

        // When
        story.at(3000).isKilled("egress", Signal.KILL);

        // Then
        assertThat(early).isFalse();
        assertThat(story.notices()).containsExactly("daemon.exited egress, exited");
    }

    @Test
    void theBundleIsReadyAgainWhenItsLastGuardIs() {
        // Given
        Story story = Story.up(restarting(probed("egress"), probed("pipelock")))
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("pipelock", ProbeKind.READINESS, "refused")
                .passes("egress", ProbeKind.READINESS);
        boolean early = story.notices().contains("bundle.ready");

        // When
        story.passes("pipelock", ProbeKind.READINESS);

        // Then
        assertThat(early).isFalse();
        assertThat(story.notices()).endsWith("bundle.ready");
    }

    @Test
    void theirWordsAreTheContracts() {
        assertThat(Notice.Type.values())
                .extracting(Notice.Type::word)
                .containsExactly(
                        "bundle.started",
                        "bundle.ready",
                        "bundle.stopping",
                        "daemon.started",
                        "daemon.ready",
                        "daemon.unready",
                        "daemon.exited",
                        "daemon.restarting",
                        "daemon.crash-looping",
                        "daemon.recovered");
    }

    private static Notice first(Story story) {
        return story.effects().stream()
                .filter(Effect.Publish.class::isInstance)
                .map(effect -> ((Effect.Publish) effect).notice())
                .findFirst()
                .orElseThrow();
    }
}
