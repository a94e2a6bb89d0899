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
    void isForwardedToNobodyByDefault() {
        // Given
        Story story = Story.up(bundle("egress", "pipelock"));

        // When
        story.hangUp();

        // Then
        assertThat(story.effects()).isEmpty();
        assertThat(story.state().phase()).isEqualTo(new Phase.Running());
    }

    @Test
    void isForwardedToThoseThatAreListed() {
        // Given
        Story story = Story.up(forwarding("pipelock", "git-gate"));

        // When
        story.hangUp();

        // Then
        assertThat(story.told()).containsExactly("SIGHUP to pipelock", "SIGHUP to git-gate");
        assertThat(story.words()).containsOnly("running");
    }

    @Test
    void passesOverThoseThatAreNotSelected() {
        // Given
        Story story = Story.up(forwarding("supervise", "egress"));

        // When
        story.hangUp();

        // Then
        assertThat(story.told()).containsExactly("SIGHUP to egress");
    }

    @Test
    void passesOverTheDeadAndThoseNotStartedYet() {
        // Given
        Story before = Story.of(forwarding("egress"));
        Story story = Story.up(forwarding("egress", "pipelock"))
                .exits("egress", 1)
                .term()
                .exitsBeforeItsGroup("pipelock", 0);

        // When
        before.hangUp();
        story.hangUp();

        // Then
        assertThat(before.effects()).isEmpty();
        assertThat(story.effects()).isEmpty();
    }

    @Test
    void reachesThoseThatAreNotReadyAndThoseThatStop() {
        // Given
        Story starting = Story.of(bundle(FailurePolicy.LEAVE, "8s", RESTART, List.of("egress"), probed("egress")))
                .begin()
                .started("egress", 12);
        Story stopping = Story.up(forwarding("egress")).term();

        // When
        starting.hangUp();
        stopping.hangUp();

        // Then
        assertThat(starting.told()).containsExactly("SIGHUP to egress");
        assertThat(stopping.told()).containsExactly("SIGHUP to egress");
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
