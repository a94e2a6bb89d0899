package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static dev.claudebottle.sidecar.lifecycle.Bundles.withReadiness;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReadinessTest {

    @Test
    void aDaemonWithoutAProbeIsReadyAsSoonAsItIsStartedAndThatIsNotSaid() {
        // Given
        Story story = Story.of(bundle("egress")).begin();

        // When
        story.started("egress", 12);

        // Then
        assertThat(story.told())
                .containsExactly(
                        "publish: daemon.started egress, starting",
                        "publish: daemon.ready egress, running",
                        "publish: bundle.ready");
    }

    @Test
    void aDaemonWithAProbeIsAskedAndIsStartingUntilItPasses() {
        // Given
        Story story = Story.of(restarting(probed("egress"))).begin();

        // When
        story.started("egress", 12);

        // Then
        assertThat(story.told())
                .containsExactly("publish: daemon.started egress, starting", "ask egress for READINESS of start 1");
        assertThat(story.words()).containsExactly("starting");
        assertThat(story.daemon("egress").ready()).isFalse();
        assertThat(story.daemon("egress").pid()).hasValue(12);
        assertThat(story.state().started()).isFalse();
    }

    @Test
    void theFirstAnswerThatPassesMakesItReady() {
        // Given
        Story story = Story.of(restarting(withReadiness(daemon("egress"), 3)))
                .begin()
                .started("egress", 12)
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("egress", ProbeKind.READINESS, "refused");
        boolean silent = story.effects().isEmpty();

        // When
        story.passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(silent).isTrue();
        assertThat(story.told())
                .containsExactly(
                        "say: egress is ready", "publish: daemon.ready egress, running", "publish: bundle.ready");
        assertThat(story.words()).containsExactly("running");
    }

    @Test
    void theWaitBeforeTheFirstReadyIsNoGap() {
        // Given
        Story story = Story.of(restarting(probed("egress"))).begin().started("egress", 12);

        // When
        story.at(5000).fails("egress", ProbeKind.READINESS, "refused").at(9000).passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(story.daemon("egress").gaps()).isEqualTo(Gaps.NONE);
        assertThat(story.lines()).containsExactly("egress is ready");
    }

    @Test
    void aFailureAfterThatMakesItUnreadyAndOpensAGap() {
        // Given
        Story story = Story.up(restarting(probed("egress")));

        // When
        story.at(1000).fails("egress", ProbeKind.READINESS, "connection refused");

        // Then
        assertThat(story.told())
                .containsExactly(
                        "say: egress is not ready: connection refused", "publish: daemon.unready egress, starting");
        assertThat(story.words()).containsExactly("starting");
        assertThat(story.daemon("egress").pid()).hasValue(100);
        assertThat(story.daemon("egress").gaps().isOpen()).isTrue();
        assertThat(story.state().ready()).isFalse();
        assertThat(story.state().started()).isTrue();
    }

    @Test
    void furtherFailuresAreNotSaidAgain() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).fails("egress", ProbeKind.READINESS, "refused");

        // When
        story.fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.daemon("egress").gaps().count()).isEqualTo(1);
    }

    @Test
    void passingAgainClosesTheGapAndTellsItsLength() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).at(1000).fails("egress", ProbeKind.READINESS, "refused");

        // When
        story.at(13_340).passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(story.told())
                .containsExactly(
                        "say: egress is ready again after 12.3 s",
                        "publish: daemon.ready egress, running",
                        "publish: daemon.recovered egress, running, gap of 12340 ms",
                        "publish: bundle.ready");
        assertThat(story.daemon("egress").gaps())
                .isEqualTo(new Gaps(1, Duration.ofMillis(12_340), OptionalLong.empty()));
    }

    @Test
    void flappingAddsGapsUp() {
        // Given
        Story story = Story.up(restarting(probed("egress")));

        // When
        for (int second = 1; second <= 3; second++) {
            story.at(second * 1000)
                    .fails("egress", ProbeKind.READINESS, "refused")
                    .after(200)
                    .passes("egress", ProbeKind.READINESS);
        }

        // Then
        Gaps gaps = story.daemon("egress").gaps();
        assertThat(gaps.count()).isEqualTo(3);
        assertThat(gaps.total(story.at(9000).now().nanos())).isEqualTo(Duration.ofMillis(600));
        assertThat(story.lines()).containsExactly("egress is ready again after 0.20 s");
    }

    @Test
    void onlyFailuresInARowCount() {
        // Given
        Story story = Story.up(restarting(withReadiness(daemon("egress"), 3)));

        // When
        story.fails("egress", ProbeKind.READINESS, "one")
                .fails("egress", ProbeKind.READINESS, "two")
                .passes("egress", ProbeKind.READINESS)
                .fails("egress", ProbeKind.READINESS, "three")
                .fails("egress", ProbeKind.READINESS, "four");
        String early = story.words().getFirst();
        story.fails("egress", ProbeKind.READINESS, "five");

        // Then
        assertThat(early).isEqualTo("running");
        assertThat(story.lines()).containsExactly("egress is not ready: five");
    }

    @Test
    void failuresBeforeItWasReadyDoNotCountAfterwards() {
        // Given
        Story story = Story.of(restarting(withReadiness(daemon("egress"), 2)))
                .begin()
                .started("egress", 12)
                .fails("egress", ProbeKind.READINESS, "refused")
                .passes("egress", ProbeKind.READINESS);

        // When
        story.fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(story.words()).containsExactly("running");
    }

    @Test
    void failuresOfAnEarlierStartDoNotCount() {
        // Given
        Story story = Story.up(restarting(withReadiness(daemon("egress"), 2)))
                .fails("egress", ProbeKind.READINESS, "refused")
                .exits("egress", 1)
                .comesBack("egress", 200);

        // When
        story.fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(story.words()).containsExactly("running");
    }

    @Test
    void anAnswerOfAnEarlierStartIsIgnored() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).exits("egress", 1);
        story.at(story.deadlineMillis() + 1).timePasses().started("egress", 200);
        BundleState before = story.state();

        // When
        story.on(new Event.Probed("egress", ProbeKind.READINESS, 1, Optional.empty()));

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.state()).isEqualTo(before);
    }

    @Test
    void aFailureOfAnEarlierStartIsIgnored() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).exits("egress", 1).comesBack("egress", 200);
        BundleState before = story.state();

        // When
        story.on(new Event.Probed("egress", ProbeKind.READINESS, 1, Optional.of("refused")));

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.state()).isEqualTo(before);
    }

    @Test
    void anAnswerAfterTheDeathIsIgnored() {
        // Given
        Story story = Story.up(bundle(FailurePolicy.LEAVE, "8s", probed("egress"), daemon("pipelock")))
                .exits("egress", 1);

        // When
        story.on(new Event.Probed("egress", ProbeKind.READINESS, 1, Optional.empty()));

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.words()).containsExactly("exited", "running");
    }

    @Test
    void anAnswerDuringTheStopIsIgnored() {
        // Given
        Story story = Story.of(restarting(probed("egress")))
                .begin()
                .started("egress", 12)
                .term();

        // When
        story.passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.daemon("egress").everReady()).isFalse();
    }

    @Test
    void aDeathEndsTheAsking() {
        // Given
        Story story = Story.up(restarting(probed("egress")));

        // When
        story.exits("egress", 1);

        // Then
        assertThat(story.effects()).contains(new Effect.StopProbes("egress"));
    }

    @Test
    void aStopEndsTheAskingOfAll() {
        // Given
        Story story = Story.up(restarting(probed("egress"), probed("pipelock")));

        // When
        story.term();

        // Then
        assertThat(story.effects()).contains(new Effect.StopProbes("egress"), new Effect.StopProbes("pipelock"));
    }

    @Test
    void everyStartIsAskedAnew() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).exits("egress", 1);

        // When
        story.at(story.deadlineMillis() + 1).timePasses().started("egress", 200);

        // Then
        assertThat(story.effects()).contains(new Effect.StartProbe("egress", ProbeKind.READINESS, 2));
        assertThat(story.words()).containsExactly("starting");
    }

    @Test
    void theGapOfADeathLastsUntilItIsReadyNotUntilItRuns() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).at(0).exits("egress", 1);

        // When
        story.at(600).timePasses().started("egress", 200);
        boolean open = story.daemon("egress").gaps().isOpen();
        story.at(2500).passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(open).isTrue();
        assertThat(story.lines()).containsExactly("egress is ready again after 2.5 s");
        assertThat(story.daemon("egress").gaps().count()).isEqualTo(1);
    }

    @Test
    void aDeathWhileUnreadyIsTheSameGap() {
        // Given
        Story story = Story.up(restarting(probed("egress"))).at(0).fails("egress", ProbeKind.READINESS, "refused");

        // When
        story.at(1000).exits("egress", 1).at(3000).comesBack("egress", 200);

        // Then
        assertThat(story.daemon("egress").gaps().count()).isEqualTo(1);
        assertThat(story.daemon("egress").gaps().isOpen()).isFalse();
        assertThat(story.lines()).singleElement().asString().matches("egress is ready again after [12]\\.[0-9] s");
    }

    @Test
    void aDeathBeforeTheFirstReadyOpensAGap() {
        // Given
        Story story = Story.of(restarting(probed("egress"))).begin().started("egress", 12);

        // When
        story.at(1000).exits("egress", 1);

        // Then
        assertThat(story.daemon("egress").gaps().isOpen()).isTrue();
        assertThat(story.comesBack("egress", 13).lines().getFirst()).startsWith("egress is ready again after 0.");
    }
}
