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

/** When each notification is published, and what it contains. */
class NotificationTest {

    @Test
    void aBundleComesUp() {
        // Given
        Scenario scenario = Scenario.of(restarting(daemon("egress"), probed("pipelock")));

        // When
        scenario.begin().started("egress", 12).started("pipelock", 13).passes("pipelock", ProbeKind.READINESS);

        // Then
        assertThat(scenario.allNotifications())
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
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(0);
        int before = scenario.allNotifications().size();

        // When
        scenario.exits("egress", 1).at(700).timePasses().started("egress", 200);

        // Then
        List<String> notifications = scenario.allNotifications()
                .subList(before, scenario.allNotifications().size());
        assertThat(notifications).hasSize(6);
        assertThat(notifications.get(0)).isEqualTo("daemon.exited egress, backoff");
        assertThat(notifications.get(1))
                .matches("daemon\\.restarting egress, backoff, next start in [45][0-9][0-9] ms");
        assertThat(notifications.subList(2, 6))
                .containsExactly(
                        "daemon.started egress, starting",
                        "daemon.ready egress, running",
                        "daemon.recovered egress, running, gap of 700 ms",
                        "bundle.ready");
    }

    @Test
    void theNotificationOfADeathHasTheExitStatus() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(1000);

        // When
        scenario.isKilled("egress", Signal.KILL);

        // Then
        Notification exited = first(scenario);
        assertThat(exited.type()).isEqualTo(Notification.Type.DAEMON_EXITED);
        assertThat(exited.at()).isEqualTo(scenario.now().utc());
        assertThat(exited.daemon().orElseThrow().lastExit())
                .contains(new LastExit(
                        137, "SIGKILL", ExitReason.SIGNAL, scenario.now().utc(), null, null));
        assertThat(exited.daemon().orElseThrow().deaths()).isEqualTo(new DeathCounts(0, 1, 0, 0));
        assertThat(exited.daemon().orElseThrow().gaps().isOpen()).isTrue();
    }

    @Test
    void theNotificationOfARestartHasTheRealDelay() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("egress"))).at(1000);

        // When
        scenario.exits("egress", 1);

        // Then
        Notification restarting = ((Effect.Publish) scenario.effects().getLast()).notification();
        Duration delay = restarting.nextStartIn().orElseThrow();
        assertThat(((DaemonState.Backoff) scenario.daemon("egress").state()).until())
                .isEqualTo(scenario.now().nanos() + delay.toNanos());
        assertThat(scenario.lines().getFirst()).endsWith("restarting in " + Seconds.text(delay));
    }

    @Test
    void aFailureToStartPublishesExitedWithoutStarted() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress", "pipelock")).begin();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.notifications()).containsExactly("daemon.exited egress, exited");
        assertThat(first(scenario)
                        .daemon()
                        .orElseThrow()
                        .lastExit()
                        .orElseThrow()
                        .error())
                .isEqualTo("No such file or directory");
    }

    @Test
    void aTeardownPublishesTheDeathThenTheStop() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon("egress"), daemon("pipelock")));

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.notifications()).containsExactly("daemon.exited egress, exited", "bundle.stopping");
    }

    @Test
    void aCrashLoopThatTearsDownPublishesDeathCrashLoopAndStop() {
        // Given
        Scenario scenario =
                Scenario.up(restarting(onCrashLoop(CrashLoopAction.TEARDOWN), daemon("egress"), daemon("pipelock")));
        for (int i = 0; i < 4; i++) {
            scenario.exits("egress", 1).comesBack("egress", 200 + i);
        }

        // When
        scenario.exits("egress", 1);

        // Then
        assertThat(scenario.notifications())
                .containsExactly(
                        "daemon.exited egress, exited", "daemon.crash-looping egress, exited", "bundle.stopping");
    }

    @Test
    void aStopPublishesItselfAndEveryExitOnce() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock")).term();
        List<String> first = scenario.notifications();

        // When
        scenario.exitsBeforeItsSession("egress", 0);
        List<String> second = scenario.notifications();
        scenario.sessionEmptied("egress");
        List<String> third = scenario.notifications();
        scenario.isKilled("pipelock", Signal.TERM);

        // Then
        assertThat(first).containsExactly("bundle.stopping");
        assertThat(second).containsExactly("daemon.exited egress, stopping");
        assertThat(third).isEmpty();
        assertThat(scenario.notifications()).containsExactly("daemon.exited pipelock, exited");
    }

    @Test
    void aFailureToStartDuringTheStopIsPublished() {
        // Given
        Scenario scenario = Scenario.of(bundle("egress")).begin().term();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.notifications()).containsExactly("daemon.exited egress, exited");
    }

    @Test
    void theLateExitOfAProcessThatWasGivenUpIsPublished() {
        // Given
        Scenario scenario = Scenario.up(bundle(FailurePolicy.LEAVE, "8s", daemon("egress", "2s"), daemon("pipelock")))
                .at(0)
                .term()
                .at(2000)
                .timePasses()
                .at(2500)
                .timePasses();
        boolean early = !scenario.notifications().isEmpty();

        // When
        scenario.at(3000).isKilled("egress", Signal.KILL);

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.notifications()).containsExactly("daemon.exited egress, exited");
    }

    @Test
    void theBundleIsReadyAgainWhenItsLastDaemonIs() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("egress"), probed("pipelock")))
                .fails("egress", ProbeKind.READINESS, "refused")
                .fails("pipelock", ProbeKind.READINESS, "refused")
                .passes("egress", ProbeKind.READINESS);
        boolean early = scenario.notifications().contains("bundle.ready");

        // When
        scenario.passes("pipelock", ProbeKind.READINESS);

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.notifications()).endsWith("bundle.ready");
    }

    @Test
    void theirNamesAreThoseOfTheContract() {
        assertThat(Notification.Type.values())
                .extracting(Notification.Type::word)
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

    private static Notification first(Scenario scenario) {
        return scenario.effects().stream()
                .filter(Effect.Publish.class::isInstance)
                .map(effect -> ((Effect.Publish) effect).notification())
                .findFirst()
                .orElseThrow();
    }
}
