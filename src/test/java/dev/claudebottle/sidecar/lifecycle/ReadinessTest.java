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
    void aDaemonWithoutAProbeIsReadyAtItsStartAndThatIsNotLogged() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress")).begin();

        // When
        scenario.started("egress", 12);

        // Then
        assertThat(scenario.formatted())
                .containsExactly(
                        "publish: daemon.started egress, starting",
                        "publish: daemon.ready egress, running",
                        "publish: bundle.ready");
    }

    @Test
    void aDaemonWithAProbeIsProbedAndIsStartingUntilTheProbePasses() {
        // Given
        Scenario scenario = Scenario.of(restarting(probed("egress"))).begin();

        // When
        scenario.started("egress", 12);

        // Then
        assertThat(scenario.formatted())
                .containsExactly("publish: daemon.started egress, starting", "probe egress for readiness of start 1");
        assertThat(scenario.words()).containsExactly("starting");
        assertThat(scenario.daemon("egress").ready()).isFalse();
        assertThat(scenario.daemon("egress").pid()).hasValue(12);
        assertThat(scenario.state().started()).isFalse();
    }

    @Test
    void theFirstProbeThatPassesMakesTheDaemonReady() {
        // Given
        Scenario scenario = Scenario.of(restarting(withReadiness(daemon("egress"), 3)))
                .begin()
                .started("egress", 12)
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("egress", ProbeKind.READINESS, "refused");
        boolean silent = scenario.effects().isEmpty();

        // When
        scenario.passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(silent).isTrue();
        assertThat(scenario.formatted())
                .containsExactly(
                        "say: egress is ready", "publish: daemon.ready egress, running", "publish: bundle.ready");
        assertThat(scenario.words()).containsExactly("running");
    }

    @Test
    void theWaitBeforeTheFirstReadyIsNoGap() {
        // Given
        Scenario scenario = Scenario.of(restarting(probed("egress"))).begin().started("egress", 12);

        // When
        scenario.at(5000)
                .fails("egress", ProbeKind.READINESS, "refused")
                .at(9000)
                .passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(scenario.daemon("egress").gaps()).isEqualTo(Gaps.NONE);
        assertThat(scenario.lines()).containsExactly("egress is ready");
    }

    @Test
    void aFailedProbeOfAReadyDaemonMakesItUnreadyAndOpensAGap() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress")));

        // When
        scenario.at(1000).fails("egress", ProbeKind.READINESS, "connection refused");

        // Then
        assertThat(scenario.formatted())
                .containsExactly(
                        "say: egress is not ready: connection refused", "publish: daemon.unready egress, starting");
        assertThat(scenario.words()).containsExactly("starting");
        assertThat(scenario.daemon("egress").pid()).hasValue(100);
        assertThat(scenario.daemon("egress").gaps().isOpen()).isTrue();
        assertThat(scenario.state().ready()).isFalse();
        assertThat(scenario.state().started()).isTrue();
    }

    @Test
    void furtherFailuresAreNotLogged() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"))).fails("egress", ProbeKind.READINESS, "refused");

        // When
        scenario.fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.daemon("egress").gaps().count()).isEqualTo(1);
    }

    @Test
    void aPassedProbeClosesTheGapAndLogsItsLength() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(probed("egress"))).at(1000).fails("egress", ProbeKind.READINESS, "refused");

        // When
        scenario.at(13_340).passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(scenario.formatted())
                .containsExactly(
                        "say: egress is ready again after 12.3 s",
                        "publish: daemon.ready egress, running",
                        "publish: daemon.recovered egress, running, gap of 12340 ms",
                        "publish: bundle.ready");
        assertThat(scenario.daemon("egress").gaps())
                .isEqualTo(new Gaps(1, Duration.ofMillis(12_340), Duration.ZERO, OptionalLong.empty(), false));
    }

    @Test
    void flappingAddsUpGaps() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress")));

        // When
        for (int second = 1; second <= 3; second++) {
            scenario.at(second * 1000)
                    .fails("egress", ProbeKind.READINESS, "refused")
                    .after(200)
                    .passes("egress", ProbeKind.READINESS);
        }

        // Then
        Gaps gaps = scenario.daemon("egress").gaps();
        assertThat(gaps.count()).isEqualTo(3);
        assertThat(gaps.total(scenario.at(9000).now().nanos())).isEqualTo(Duration.ofMillis(600));
        assertThat(scenario.lines()).containsExactly("egress is ready again after 0.20 s");
    }

    @Test
    void onlyConsecutiveFailuresCount() {
        // Given
        Scenario scenario = Scenario.up(restarting(withReadiness(daemon("egress"), 3)));

        // When
        scenario.fails("egress", ProbeKind.READINESS, "one")
                .fails("egress", ProbeKind.READINESS, "two")
                .passes("egress", ProbeKind.READINESS)
                .fails("egress", ProbeKind.READINESS, "three")
                .fails("egress", ProbeKind.READINESS, "four");
        String early = scenario.words().getFirst();
        scenario.fails("egress", ProbeKind.READINESS, "five");

        // Then
        assertThat(early).isEqualTo("running");
        assertThat(scenario.lines()).containsExactly("egress is not ready: five");
    }

    @Test
    void failuresBeforeTheFirstReadyDoNotCountAfterwards() {
        // Given
        Scenario scenario = Scenario.of(restarting(withReadiness(daemon("egress"), 2)))
                .begin()
                .started("egress", 12)
                .fails("egress", ProbeKind.READINESS, "refused")
                .passes("egress", ProbeKind.READINESS);

        // When
        scenario.fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(scenario.words()).containsExactly("running");
    }

    @Test
    void failuresOfAnEarlierStartDoNotCount() {
        // Given
        Scenario scenario = Scenario.up(restarting(withReadiness(daemon("egress"), 2)))
                .fails("egress", ProbeKind.READINESS, "refused")
                .exits("egress", 1)
                .comesBack("egress", 200);

        // When
        scenario.fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(scenario.words()).containsExactly("running");
    }

    @Test
    void anAnswerOfAnEarlierStartIsIgnored() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"))).exits("egress", 1);
        scenario.at(scenario.deadlineMillis() + 1).timePasses().started("egress", 200);
        BundleState before = scenario.state();

        // When
        scenario.on(new Event.Probed("egress", ProbeKind.READINESS, 1, Optional.empty()));

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.state()).isEqualTo(before);
    }

    @Test
    void aFailureOfAnEarlierStartIsIgnored() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(probed("egress"))).exits("egress", 1).comesBack("egress", 200);
        BundleState before = scenario.state();

        // When
        scenario.on(new Event.Probed("egress", ProbeKind.READINESS, 1, Optional.of("refused")));

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.state()).isEqualTo(before);
    }

    @Test
    void anAnswerAfterTheDeathIsIgnored() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", probed("egress"), daemon("pipelock")))
                .exits("egress", 1);

        // When
        scenario.on(new Event.Probed("egress", ProbeKind.READINESS, 1, Optional.empty()));

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.words()).containsExactly("exited", "running");
    }

    @Test
    void anAnswerDuringTheStopIsIgnored() {
        // Given
        Scenario scenario = Scenario.of(restarting(probed("egress")))
                .begin()
                .started("egress", 12)
                .term();

        // When
        scenario.passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.daemon("egress").everReady()).isFalse();
    }

    @Test
    void aDeathStopsTheProbes() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress")));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.effects()).contains(new Effect.StopProbes("egress"));
    }

    @Test
    void aStopStopsAllProbes() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"), probed("pipelock")));

        // When
        scenario.term();

        // Then
        assertThat(scenario.effects()).contains(new Effect.StopProbes("egress"), new Effect.StopProbes("pipelock"));
    }

    @Test
    void everyStartIsProbed() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"))).exits("egress", 1);

        // When
        scenario.at(scenario.deadlineMillis() + 1).timePasses().started("egress", 200);

        // Then
        assertThat(scenario.effects()).contains(new Effect.StartProbe("egress", ProbeKind.READINESS, 2));
        assertThat(scenario.words()).containsExactly("starting");
    }

    @Test
    void theGapOfADeathLastsUntilTheDaemonIsReadyNotUntilItRuns() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"))).at(0).exits("egress", 1);

        // When
        scenario.at(600).timePasses().started("egress", 200);
        boolean open = scenario.daemon("egress").gaps().isOpen();
        scenario.at(2500).passes("egress", ProbeKind.READINESS);

        // Then
        assertThat(open).isTrue();
        assertThat(scenario.lines()).containsExactly("egress is ready again after 2.5 s");
        assertThat(scenario.daemon("egress").gaps().count()).isEqualTo(1);
    }

    @Test
    void aDeathWhileUnreadyKeepsTheGap() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(probed("egress"))).at(0).fails("egress", ProbeKind.READINESS, "refused");

        // When
        scenario.at(1000).exits("egress", 1).at(3000).comesBack("egress", 200);

        // Then
        assertThat(scenario.daemon("egress").gaps().count()).isEqualTo(1);
        assertThat(scenario.daemon("egress").gaps().isOpen()).isFalse();
        assertThat(scenario.lines()).singleElement().asString().matches("egress is ready again after [12]\\.[0-9] s");
    }

    @Test
    void aDeathBeforeTheFirstReadyOpensAGap() {
        // Given
        Scenario scenario = Scenario.of(restarting(probed("egress"))).begin().started("egress", 12);

        // When
        scenario.at(1000).exits("egress", 1);

        // Then
        assertThat(scenario.daemon("egress").gaps().isOpen()).isTrue();
        assertThat(scenario.comesBack("egress", 13).lines().getFirst()).startsWith("egress is ready again after 0.");
    }
}
