package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.dependent;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is said of a daemon that is not ready yet, or that waits for others. */
class ReminderTest {

    @Test
    void aStartThatIsNotReadyYetIsSaidAfterTenSecondsAndEachTimeTwiceAsLong() {
        // Given
        Scenario scenario = Scenario.of(restarting(probed("egress")))
                .begin()
                .at(500)
                .started("egress", 12)
                .at(600)
                .fails("egress", ProbeKind.READINESS, "HTTP 502");

        for (int seconds = 10; seconds <= 320; seconds *= 2) {
            // When
            int due = 500 + 1000 * seconds;
            boolean early = !scenario.at(due - 1).timePasses().effects().isEmpty();
            long deadline = scenario.deadlineMillis();
            scenario.at(due).timePasses();

            // Then
            assertThat(early).isFalse();
            assertThat(deadline).isEqualTo(due);
            assertThat(scenario.formatted())
                    .containsExactly(
                            "say: egress is not ready yet after " + seconds + " s: HTTP 502",
                            "publish: daemon.unready egress, starting");
        }
    }

    @Test
    void theCauseIsTheLastAnswer() {
        // Given
        Scenario scenario = starting()
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("egress", ProbeKind.READINESS, "HTTP 502");

        // When
        scenario.at(10_000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("egress is not ready yet after 10 s: HTTP 502");
        assertThat(scenario.daemon("egress").unreadyCause()).isEqualTo("HTTP 502");
        assertThat(scenario.daemon("egress").gaps()).isEqualTo(Gaps.NONE);
    }

    @Test
    void aProbeWithoutAnAnswerIsSaidInWords() {
        assertThat(starting().at(10_000).timePasses().lines())
                .containsExactly("egress is not ready yet after 10 s: its readiness probe has not been answered");
    }

    @Test
    void aTimerThatComesMuchTooLateSaysItOnce() {
        // When
        Scenario scenario = starting().at(45_000).timePasses();

        // Then
        assertThat(scenario.lines()).hasSize(1).first().asString().startsWith("egress is not ready yet after 40 s: ");
        assertThat(scenario.deadlineMillis()).isEqualTo(80_000);
    }

    @Test
    void nothingIsDueOnceItHasBeenReady() {
        // Given
        Scenario scenario = starting().at(9000).passes("egress", ProbeKind.READINESS);
        boolean dueWhileReady = scenario.state().deadline().isPresent();

        // When
        scenario.fails("egress", ProbeKind.READINESS, "refused");

        // Then
        assertThat(dueWhileReady).isFalse();
        assertThat(scenario.lines()).containsExactly("egress is not ready: refused");
        assertThat(scenario.state().deadline()).isEmpty();
        assertThat(scenario.at(600_000).timePasses().effects()).isEmpty();
    }

    @Test
    void theNextStartBeginsAnew() {
        // Given
        Scenario scenario = starting().at(10_000).timePasses().at(12_000).exits("egress", 1);
        long backoffEnd = Deadlines.restart(
                (DaemonState.Backoff) scenario.daemon("egress").state());

        // When
        boolean dueInBackoff = scenario.state().deadline().orElseThrow() != backoffEnd;
        scenario.at(13_000).timePasses();
        boolean dueInLaunch = scenario.state().deadline().isPresent();
        scenario.started("egress", 13);

        // Then
        assertThat(dueInBackoff).isFalse();
        assertThat(dueInLaunch).isFalse();
        assertThat(scenario.deadlineMillis()).isEqualTo(23_000);
        assertThat(scenario.at(23_000).timePasses().lines())
                .containsExactly("egress is not ready yet after 10 s: its readiness probe has not been answered");
    }

    @Test
    void aDaemonWithoutAReadinessProbeIsNeverLate() {
        assertThat(Scenario.up(bundle("egress")).state().deadline()).isEmpty();
    }

    @Test
    void aTimeInWhichWeDidNotRunDoesNotCount() {
        // Given: suspended from 5 s to 25 s
        Scenario scenario = starting().at(25_000).on(new Event.Resumed(Duration.ofSeconds(20)));
        boolean silent = scenario.effects().isEmpty();

        // When
        scenario.at(29_999).timePasses();
        boolean early = !scenario.effects().isEmpty();
        scenario.at(30_000).timePasses();

        // Then
        assertThat(silent).isTrue();
        assertThat(early).isFalse();
        assertThat(scenario.lines())
                .containsExactly("egress is not ready yet after 10 s: its readiness probe has not been answered");
    }

    @Test
    void aStopEndsIt() {
        // Given
        Scenario scenario = Scenario.of(
                        bundle(FailurePolicy.LEAVE, "60s", probed("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12)
                .term();

        // When
        scenario.at(10_000).timePasses();

        // Then
        assertThat(scenario.effects()).isEmpty();
    }

    @Test
    void aDaemonThatWaitsNamesTheDependenciesThatHaveNotBeenReady() {
        // Given
        Scenario scenario = Scenario.of(leaving(
                        dependent(daemon("egress"), "pipelock", "git-gate", "supervise", "not-selected"),
                        probed("pipelock"),
                        probed("git-gate"),
                        daemon("supervise")))
                .begin()
                .at(2000)
                .started("pipelock", 12)
                .started("git-gate", 13)
                .started("supervise", 14);

        // When / Then
        assertThat(scenario.deadlineMillis()).isEqualTo(10_000);
        assertThat(scenario.at(10_000).timePasses().formatted())
                .containsExactly("say: egress waits for pipelock, git-gate");
        scenario.at(12_000).timePasses().at(15_000).passes("pipelock", ProbeKind.READINESS);
        assertThat(scenario.at(20_000).timePasses().lines()).containsExactly("egress waits for git-gate");
        assertThat(scenario.passes("git-gate", ProbeKind.READINESS).starts()).containsExactly("egress");
        assertThat(scenario.started("egress", 15).state().deadline()).isEmpty();
    }

    @Test
    void nothingIsSaidOfAWaitThatTheAnswerOfAnotherStartEnds() {
        // Given: its dependency has been ready, and the start of another daemon takes long
        Scenario scenario = Scenario.of(
                        leaving(daemon("pipelock"), daemon("supervise"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12);

        // When
        scenario.at(10_000).timePasses();

        // Then
        assertThat(scenario.words()).containsExactly("running", "starting", "waiting");
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.deadlineMillis()).isEqualTo(20_000);
    }

    @Test
    void nothingIsDueBeforeTheBundleBegins() {
        assertThat(Scenario.of(leaving(dependent(daemon("egress"), "pipelock"), daemon("pipelock")))
                        .state()
                        .deadline())
                .isEmpty();
    }

    private static Bundle leaving(Daemon... daemons) {
        return bundle(FailurePolicy.LEAVE, "8s", daemons);
    }

    /** Since time 0. */
    private static Scenario starting() {
        return Scenario.of(restarting(probed("egress"))).begin().started("egress", 12);
    }
}
