package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static dev.claudebottle.sidecar.lifecycle.Bundles.withLiveness;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What lines of our own say to machines. */
class OwnLineTest {

    private static final String EGRESS = "egress";

    @Test
    void aStartIsAboutItsDaemon() {
        assertThat(lines(Scenario.of(bundle(EGRESS)).begin()))
                .containsExactly(OwnLine.info("starting egress").about(EGRESS));
    }

    @Test
    void aDeathThatIsRestartedIsAWarningWithItsDelay() {
        // When
        Scenario scenario = Scenario.up(restarting(daemon(EGRESS))).at(0).isKilled(EGRESS, Signal.KILL);

        // Then
        OwnLine line = lines(scenario).getFirst();
        assertThat(line.level()).isEqualTo(OwnLine.Level.WARNING);
        assertThat(line.event()).isEqualTo(Notification.Type.DAEMON_EXITED);
        assertThat(line.subject()).isEqualTo(EGRESS);
        assertThat(line.code()).isEqualTo(137);
        assertThat(line.signal()).isEqualTo("SIGKILL");
        assertThat(line.message()).endsWith("; restarting in " + Seconds.text(line.seconds()));
    }

    @Test
    void aDeathThatIsNotRestartedIsAnError() {
        // When
        Scenario scenario = Scenario.up(bundle(EGRESS, "pipelock")).exits(EGRESS, 3);

        // Then
        OwnLine line = lines(scenario).getFirst();
        assertThat(line.level()).isEqualTo(OwnLine.Level.ERROR);
        assertThat(line.code()).isEqualTo(3);
        assertThat(line.signal()).isNull();
        assertThat(line.seconds()).isNull();
    }

    @Test
    void aDaemonThatCannotBeStartedHasExited() {
        // When
        Scenario scenario = Scenario.of(bundle(EGRESS, "pipelock")).begin().startFailed(EGRESS);

        // Then
        OwnLine line = lines(scenario).getFirst();
        assertThat(line.event()).isEqualTo(Notification.Type.DAEMON_EXITED);
        assertThat(line.level()).isEqualTo(OwnLine.Level.ERROR);
        assertThat(line.subject()).isEqualTo(EGRESS);
        assertThat(line.code()).isEqualTo(127);
    }

    @Test
    void theEndOfAGapHasItsLength() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon(EGRESS))).at(0).exits(EGRESS, 1);

        // When
        scenario.comesBack(EGRESS, 12);

        // Then
        OwnLine line = lines(scenario).getLast();
        assertThat(line.level()).isEqualTo(OwnLine.Level.INFO);
        assertThat(line.event()).isEqualTo(Notification.Type.DAEMON_RECOVERED);
        assertThat(line.seconds()).isEqualTo(scenario.daemon(EGRESS).gaps().total(0));
    }

    @Test
    void aStopBySignalIsAsItShouldBeAndNamesTheSignal() {
        assertThat(lines(Scenario.up(bundle(EGRESS)).term()))
                .containsExactly(OwnLine.info("shutting down (SIGTERM); forwarding SIGTERM")
                        .reports(Notification.Type.BUNDLE_STOPPING)
                        .signal("SIGTERM"));
    }

    @Test
    void aTeardownIsAnError() {
        // When
        Scenario scenario = Scenario.up(bundle(FailurePolicy.TEARDOWN, "8s", daemon(EGRESS), daemon("pipelock")))
                .exits(EGRESS, 3);

        // Then
        assertThat(lines(scenario).getLast())
                .isEqualTo(OwnLine.error("shutting down (egress exited); forwarding SIGTERM")
                        .reports(Notification.Type.BUNDLE_STOPPING));
    }

    @Test
    void anEndInAStopIsAsItShouldBeUnlessItCountsForTheExitCode() {
        // Given
        Scenario scenario = Scenario.up(bundle(EGRESS, "pipelock")).term();

        // When
        OwnLine obedient = lines(scenario.isKilled("pipelock", Signal.TERM)).getFirst();
        OwnLine failed = lines(scenario.exits(EGRESS, 3)).getFirst();

        // Then
        assertThat(obedient.level()).isEqualTo(OwnLine.Level.INFO);
        assertThat(failed.level()).isEqualTo(OwnLine.Level.WARNING);
    }

    @Test
    void anEndInARestartThatWasAskedForIsAsItShouldBeUnlessTheDaemonFailed() {
        // Given
        Scenario obeys = Scenario.up(bundle(EGRESS, "pipelock")).restart(EGRESS);
        Scenario fails = Scenario.up(bundle(EGRESS, "pipelock")).restart(EGRESS);
        Scenario hangs = Scenario.up(
                        bundle(FailurePolicy.LEAVE, "8s", withLiveness(daemon(EGRESS), 1), daemon("pipelock")))
                .fails(EGRESS, ProbeKind.LIVENESS, "timeout")
                .restart(EGRESS);

        // Then
        assertThat(levelOfTheEnd(obeys.isKilled(EGRESS, Signal.TERM))).isEqualTo(OwnLine.Level.INFO);
        assertThat(levelOfTheEnd(fails.exits(EGRESS, 3))).isEqualTo(OwnLine.Level.WARNING);
        assertThat(levelOfTheEnd(hangs.exits(EGRESS, 0))).isEqualTo(OwnLine.Level.WARNING);
    }

    private static OwnLine.Level levelOfTheEnd(Scenario scenario) {
        return lines(scenario).getFirst().level();
    }

    @Test
    void theLastLineHasTheExitCode() {
        assertThat(OwnLine.exit(0)).isEqualTo(OwnLine.info("exit 0").code(0));
        assertThat(OwnLine.exit(70)).isEqualTo(OwnLine.error("exit 70").code(70));
    }

    /** Of the latest event. */
    private static List<OwnLine> lines(Scenario scenario) {
        return scenario.effects().stream()
                .<OwnLine>mapMulti((effect, lines) -> {
                    if (effect instanceof Effect.Say(OwnLine line)) {
                        lines.accept(line);
                    }
                    if (effect instanceof Effect.SayAfterLastWords(String _, OwnLine line)) {
                        lines.accept(line);
                    }
                })
                .toList();
    }
}
