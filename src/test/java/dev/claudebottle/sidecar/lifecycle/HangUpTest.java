package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.RESTART;
import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

class HangUpTest {

    @Test
    void isNotForwardedByDefault() {
        // Given
        Scenario scenario = Scenario.up(bundle("egress", "pipelock"));

        // When
        scenario.hangUp();

        // Then
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.state().phase()).isEqualTo(new Phase.Running());
    }

    @Test
    void isForwardedToTheListedDaemons() {
        // Given
        Scenario scenario = Scenario.up(forwarding("pipelock", "git-gate"));

        // When
        scenario.hangUp();

        // Then
        assertThat(scenario.formatted()).containsExactly("SIGHUP to pipelock", "SIGHUP to git-gate");
        assertThat(scenario.words()).containsOnly("running");
    }

    @Test
    void skipsDaemonsThatAreNotSelected() {
        // Given
        Scenario scenario = Scenario.up(forwarding("supervise", "egress"));

        // When
        scenario.hangUp();

        // Then
        assertThat(scenario.formatted()).containsExactly("SIGHUP to egress");
    }

    @Test
    void skipsDeadDaemonsAndDaemonsNotStartedYet() {
        // Given
        Scenario before = Scenario.of(forwarding("egress"));
        Scenario scenario = Scenario.up(forwarding("egress", "pipelock"))
                .exits("egress", 1)
                .term()
                .exitsBeforeItsSession("pipelock", 0);

        // When
        before.hangUp();
        scenario.hangUp();

        // Then
        assertThat(before.effects()).isEmpty();
        assertThat(scenario.effects()).isEmpty();
    }

    @Test
    void reachesUnreadyAndStoppingDaemons() {
        // Given
        Scenario starting = Scenario.of(bundle(FailurePolicy.LEAVE, "8s", RESTART, List.of("egress"), probed("egress")))
                .begin()
                .started("egress", 12);
        Scenario stopping = Scenario.up(forwarding("egress")).term();

        // When
        starting.hangUp();
        stopping.hangUp();

        // Then
        assertThat(starting.formatted()).containsExactly("SIGHUP to egress");
        assertThat(stopping.formatted()).containsExactly("SIGHUP to egress");
    }

    private static Bundle forwarding(String... names) {
        return bundle(
                FailurePolicy.LEAVE,
                "8s",
                RESTART,
                List.of(names),
                daemon("egress"),
                daemon("pipelock"),
                daemon("git-gate"));
    }
}
