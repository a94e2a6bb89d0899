package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.onCrashLoop;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restart;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import org.junit.jupiter.api.Test;

class CrashLoopTest {

    private static final String LINE = "egress is crash-looping (5 deaths in 60s)";

    @Test
    void fourDeathsAreNoCrashLoop() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));

        // When
        dies(scenario, 4);

        // Then
        assertThat(scenario.daemon("egress").crashLooping()).isFalse();
        assertThat(scenario.allLines()).doesNotContain(LINE);
    }

    @Test
    void theFifthDeathWithinTheWindowBeginsACrashLoop() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));
        dies(scenario, 4);

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.lines()).hasSize(2).last().isEqualTo(LINE);
        assertThat(scenario.notifications())
                .extracting(notification -> notification.split(" ")[0])
                .containsExactly("daemon.exited", "daemon.crash-looping", "daemon.restarting");
        assertThat(scenario.daemon("egress").crashLooping()).isTrue();
        assertThat(scenario.words()).containsExactly("backoff");
    }

    @Test
    void deathsAtTheEdgeOfTheWindowCount() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(twoIn10s(), daemon("egress"))).at(0).exits("egress", 1);
        scenario.comesBack("egress", 200);

        // When
        scenario.at(10_000).exits("egress", 1);

        // Then
        assertThat(scenario.lines()).contains("egress is crash-looping (2 deaths in 10s)");
    }

    @Test
    void deathsFurtherApartThanTheWindowAreNoCrashLoop() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(twoIn10s(), daemon("egress"))).at(0).exits("egress", 1);
        scenario.comesBack("egress", 200);

        // When
        scenario.at(10_001).exits("egress", 1);

        // Then
        assertThat(scenario.daemon("egress").crashLooping()).isFalse();
    }

    @Test
    void theWindowSlides() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(twoIn10s(), daemon("egress"))).at(0).exits("egress", 1);
        scenario.comesBack("egress", 200).at(10_001).exits("egress", 1);
        scenario.comesBack("egress", 201);

        // When
        scenario.at(20_000).exits("egress", 1);

        // Then
        assertThat(scenario.daemon("egress").crashLooping()).isTrue();
    }

    @Test
    void failuresToStartCountForACrashLoop() {
        // Given
        Scenario scenario = Scenario.of(restarting(daemon("egress"))).begin().startFailed("egress");

        // When
        for (int i = 0; i < 4; i++) {
            scenario.at(scenario.deadlineMillis() + 1).timePasses().startFailed("egress");
        }

        // Then
        assertThat(scenario.lines().getLast()).isEqualTo(LINE);
    }

    @Test
    void deathsOfSeveralDaemonsDoNotAddUp() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"), daemon("pipelock")));
        dies(scenario, 4);

        // When
        scenario.exits("pipelock", 1);

        // Then
        assertThat(scenario.state().daemons()).noneMatch(DaemonStatus::crashLooping);
    }

    @Test
    void aResetOfTheDelaysDoesNotResetTheWindow() {
        // Given
        Scenario scenario = Scenario.up(
                restarting(restart("500ms", "30s", "1s", 3, "60s", CrashLoopAction.KEEP_TRYING), daemon("egress")));

        // When
        for (int i = 0; i < 2; i++) {
            scenario.exits("egress", 1).comesBack("egress", 200 + i).after(2000).timePasses();
        }
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.lines().getFirst()).matches(".*; restarting in 0\\.[45][0-9] s");
        assertThat(scenario.lines().getLast()).isEqualTo("egress is crash-looping (3 deaths in 60s)");
    }

    @Test
    void aDaemonsOwnRulesSayWhatIsACrashLoopOfIt() {
        // Given
        Scenario scenario = Scenario.up(restarting(
                daemon("egress", restart("500ms", "30s", "60s", 2, "20s", CrashLoopAction.KEEP_TRYING)),
                daemon("pipelock")));
        dies(scenario, 1);

        // When
        scenario.exits("egress", 1).exits("pipelock", 1);

        // Then
        assertThat(scenario.daemon("egress").crashLooping()).isTrue();
        assertThat(scenario.daemon("pipelock").crashLooping()).isFalse();
        assertThat(scenario.allLines()).contains("egress is crash-looping (2 deaths in 20s)");
    }

    @Test
    void aDaemonsOwnRulesSayWhatItsCrashLoopDoes() {
        // Given the bundle would tear itself down
        RestartPolicy own = restart("500ms", "30s", "60s", 1, "60s", CrashLoopAction.LEAVE);
        Scenario scenario = Scenario.up(
                restarting(onCrashLoop(CrashLoopAction.TEARDOWN), daemon("egress", own), daemon("pipelock")));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.words()).containsExactly("exited", "running");
    }

    @Test
    void aCrashLoopIsLoggedOnce() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));
        dies(scenario, 5);

        // When
        dies(scenario, 5);

        // Then
        assertThat(scenario.allLines()).containsOnlyOnce(LINE);
        assertThat(scenario.allNotifications())
                .filteredOn(notification -> notification.startsWith("daemon.crash"))
                .hasSize(1);
    }

    @Test
    void aRunningDaemonIsUnhealthyDuringACrashLoop() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));

        // When
        dies(scenario, 5);

        // Then
        assertThat(scenario.words()).containsExactly("running");
        assertThat(scenario.daemon("egress").ready()).isTrue();
        assertThat(scenario.daemon("egress").healthy()).isFalse();
        assertThat(scenario.state().ready()).isFalse();
    }

    @Test
    void aCrashLoopEndsAfterSixtySecondsOfBeingReady() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));
        dies(scenario, 5);

        // When
        scenario.after(59_999).timePasses();
        boolean early = scenario.daemon("egress").crashLooping();
        scenario.after(1).timePasses();

        // Then
        assertThat(early).isTrue();
        assertThat(scenario.daemon("egress").crashLooping()).isFalse();
        assertThat(scenario.notifications()).containsExactly("bundle.ready");
        assertThat(scenario.lines()).isEmpty();
        assertThat(scenario.state().ready()).isTrue();
        assertThat(scenario.state().deadline()).isEmpty();
    }

    @Test
    void aLossOfReadinessProlongsACrashLoop() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress")));
        dies(scenario, 5);

        // When
        scenario.after(50_000)
                .fails("egress", ProbeKind.READINESS, "refused")
                .passes("egress", ProbeKind.READINESS)
                .after(50_000)
                .timePasses();

        // Then
        assertThat(scenario.daemon("egress").crashLooping()).isTrue();
    }

    @Test
    void runningUnreadyDoesNotEndACrashLoop() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress")));
        dies(scenario, 5);

        // When
        scenario.fails("egress", ProbeKind.READINESS, "refused").after(600_000).timePasses();

        // Then
        assertThat(scenario.daemon("egress").crashLooping()).isTrue();
        assertThat(scenario.state().deadline()).isEmpty();
    }

    @Test
    void theNextCrashLoopIsLoggedAgain() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));
        dies(scenario, 5);
        scenario.after(60_000).timePasses();

        // When
        dies(scenario, 5);

        // Then
        assertThat(scenario.allLines()).filteredOn(LINE::equals).hasSize(2);
    }

    @Test
    void theNextCrashLoopTakesAsManyDeathsAgain() {
        // Given
        Scenario scenario = Scenario.up(
                restarting(restart("500ms", "30s", "1s", 3, "60s", CrashLoopAction.KEEP_TRYING), daemon("egress")));
        dies(scenario, 3);
        scenario.after(1000).timePasses();

        // When
        dies(scenario, 2);
        boolean early = scenario.daemon("egress").crashLooping();
        scenario.exits("egress", 1);

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.daemon("egress").crashLooping()).isTrue();
    }

    @Test
    void keepTryingRestartsAfterTheUsualDelays() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress")));
        dies(scenario, 5);

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.lines()).singleElement().asString().matches(".*; restarting in 1[4-7]\\.[0-9] s");
    }

    @Test
    void actionLeaveKeepsTheOthersRunning() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(onCrashLoop(CrashLoopAction.LEAVE), daemon("egress"), daemon("pipelock")));
        dies(scenario, 4);

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.lines())
                .containsExactly(
                        "egress exited with code 1; leaving surviving daemons running"
                                + " (operator-visible via agent-side failure)",
                        LINE);
        assertThat(scenario.notifications())
                .containsExactly("daemon.exited egress, exited", "daemon.crash-looping egress, exited");
        assertThat(scenario.words()).containsExactly("exited", "running");
        assertThat(scenario.daemon("egress").crashLooping()).isTrue();
        assertThat(scenario.state().deadline()).isEmpty();
    }

    @Test
    void actionTeardownStopsTheBundleWithTheCodeOfTheDeath() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(onCrashLoop(CrashLoopAction.TEARDOWN), daemon("egress"), daemon("pipelock")));
        dies(scenario, 4);

        // When
        scenario.exits("egress", 9);

        // Then
        assertThat(scenario.lines())
                .containsExactly(
                        "egress exited with code 9; shutting down the bundle",
                        LINE,
                        "shutting down (egress exited); forwarding SIGTERM");
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(scenario.exits("pipelock", 0).effects()).endsWith(new Effect.Leave(9));
    }

    @Test
    void theActionAppliesToTheFirstDeathIfOneDeathIsACrashLoop() {
        // Given
        Scenario scenario = Scenario.up(restarting(
                restart("500ms", "30s", "60s", 1, "60s", CrashLoopAction.LEAVE), daemon("egress"), daemon("pipelock")));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.words()).containsExactly("exited", "running");
    }

    private static void dies(Scenario scenario, int times) {
        for (int i = 0; i < times; i++) {
            scenario.exits("egress", 1).comesBack("egress", 200 + i);
        }
    }

    private static RestartPolicy twoIn10s() {
        return restart("500ms", "30s", "60s", 2, "10s", CrashLoopAction.KEEP_TRYING);
    }
}
