package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.dependent;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restarting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A stop with {@code depends_on}: {@code egress} depends on {@code pipelock}, {@code supervise} on nothing. */
class StopOrderTest {

    @Test
    void dependantsAndTheUnrelatedStopFirst() {
        // Given
        Story story = up();

        // When
        story.term();

        // Then
        assertThat(story.signals())
                .containsExactly(
                        "SIGTERM to egress", "SIGCONT to egress", "SIGTERM to supervise", "SIGCONT to supervise");
        assertThat(story.words()).containsExactly("running", "stopping", "stopping");
    }

    @Test
    void aDependencyStopsAsSoonAsItsDependantsAreDown() {
        // Given
        Story story = up().term();

        // When
        story.exits("egress", 0);

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependantIsDownWhenItsGroupIsEmpty() {
        // Given
        Story story = up().term();

        // When
        story.exitsBeforeItsGroup("egress", 0);
        boolean early = !story.signals().isEmpty();
        story.exits("supervise", 0);
        early |= !story.signals().isEmpty();
        story.groupEmptied("egress");

        // Then
        assertThat(early).isFalse();
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void whatADeadDependantLeftHoldsItsDependencyToo() {
        // Given
        Story story = up().exitsBeforeItsGroup("egress", 1).term();
        List<String> first = story.signals();

        // When
        story.groupEmptied("egress");

        // Then
        assertThat(first)
                .containsExactly(
                        "SIGTERM to egress", "SIGCONT to egress", "SIGTERM to supervise", "SIGCONT to supervise");
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void whatADeadDependencyLeftWaitsForItsDependants() {
        // Given
        Story story = up().exitsBeforeItsGroup("pipelock", 1).term();
        List<String> first = story.signals();
        List<String> words = story.words();

        // When
        story.exits("egress", 0);

        // Then
        assertThat(first).doesNotContain("SIGTERM to pipelock");
        assertThat(words).containsExactly("exited", "stopping", "stopping");
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(story.words()).containsExactly("stopping", "exited", "stopping");
    }

    @Test
    void whatADeadDependencyLeftWaitsForHalfTheGraceAtMost() {
        // Given
        Story story = up().exitsBeforeItsGroup("pipelock", 1).at(0).term().exits("supervise", 0);
        long deadline = story.deadlineMillis();

        // When
        story.at(4000).timePasses();

        // Then
        assertThat(deadline).isEqualTo(4000);
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void whatADeadDependencyLeftMayEndWhileItWaits() {
        // Given
        Story story = up().exitsBeforeItsGroup("pipelock", 1).term().groupEmptied("pipelock");

        // When
        story.exits("egress", 0).exits("supervise", 0);

        // Then
        assertThat(Story.signals(story.allEffects())).doesNotContain("SIGTERM to pipelock");
        assertThat(story.effects()).endsWith(new Effect.Leave(1));
    }

    @Test
    void allDependantsHaveToBeDown() {
        // Given
        Story story = Story.up(bundle(
                        FailurePolicy.LEAVE,
                        "8s",
                        daemon("pipelock"),
                        dependent(daemon("egress"), "pipelock"),
                        dependent(daemon("git-gate"), "pipelock")))
                .term()
                .exits("egress", 0);
        boolean early = !story.signals().isEmpty();

        // When
        story.exits("git-gate", 0);

        // Then
        assertThat(early).isFalse();
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void chainsStopLinkByLink() {
        // Given
        Story story = Story.up(bundle(
                FailurePolicy.LEAVE, "8s", dependent(daemon("c"), "b"), dependent(daemon("b"), "a"), daemon("a")));

        // When
        story.term().exits("c", 0);
        boolean onlyB = story.signals().equals(List.of("SIGTERM to b", "SIGCONT to b"));
        story.exits("b", 0);

        // Then
        assertThat(onlyB).isTrue();
        assertThat(story.signals()).containsExactly("SIGTERM to a", "SIGCONT to a");
    }

    @Test
    void atHalfTheGraceDependenciesWaitNoLonger() {
        // Given
        Story story = up().at(0).term().exits("supervise", 0);

        // When
        story.at(3999).timePasses();
        boolean early = !story.effects().isEmpty();
        long deadline = story.deadlineMillis();
        story.at(4000).timePasses();

        // Then
        assertThat(early).isFalse();
        assertThat(deadline).isEqualTo(4000);
        assertThat(story.told()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void atTheGraceAllAreKilledTogether() {
        // Given
        Story story = up().at(0).term().at(4000).timePasses();

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.lines()).containsExactly("grace (8s) elapsed; SIGKILL on pipelock, egress, supervise");
    }

    @Test
    void theDependencysOwnGraceCountsFromItsStopSignal() {
        // Given
        Story story = Story.up(bundle(
                        FailurePolicy.LEAVE, "8s", daemon("pipelock", "3s"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .term();

        // When
        story.at(1000).exits("egress", 0);

        // Then
        assertThat(story.deadlineMillis()).isEqualTo(4000);
        assertThat(story.at(4000).timePasses().lines()).containsExactly("grace (3s) elapsed; SIGKILL on pipelock");
    }

    @Test
    void aSecondTermWaitsForNobody() {
        // Given
        Story story = up().at(0).term();

        // When
        story.at(1000).term();

        // Then
        assertThat(story.lines()).containsExactly("SIGTERM again; SIGKILL on pipelock, egress, supervise");
        assertThat(story.signals())
                .containsExactly(
                        "SIGTERM to pipelock",
                        "SIGCONT to pipelock",
                        "SIGKILL to pipelock",
                        "SIGKILL to egress",
                        "SIGKILL to supervise");
    }

    @Test
    void aTimerThatIsVeryLateSendsBothSignals() {
        // Given
        Story story = up().at(0).term();

        // When
        story.at(8000).timePasses();

        // Then
        assertThat(story.signals())
                .containsExactly(
                        "SIGTERM to pipelock",
                        "SIGCONT to pipelock",
                        "SIGKILL to pipelock",
                        "SIGKILL to egress",
                        "SIGKILL to supervise");
    }

    @Test
    void aDependantThatIsDeadAlreadyHoldsNothingUp() {
        // Given
        Story story = up().exits("egress", 1);

        // When
        story.term();

        // Then
        assertThat(story.signals()).contains("SIGTERM to pipelock");
    }

    @Test
    void aDependantInBackoffHoldsNothingUp() {
        // Given
        Story story = Story.up(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .exits("egress", 1);

        // When
        story.term();

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependantWhoseStartIsUnderWayHoldsItUp() {
        // Given
        Story story = Story.of(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12);

        // When
        story.term();
        boolean early = !story.signals().isEmpty();
        story.started("egress", 13);
        boolean dependantFirst = story.signals().equals(List.of("SIGTERM to egress", "SIGCONT to egress"));
        story.exits("egress", 0);

        // Then
        assertThat(early).isFalse();
        assertThat(dependantFirst).isTrue();
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aStartThatFailsDuringTheStopFreesItsDependency() {
        // Given
        Story story = Story.of(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12)
                .term();

        // When
        story.startFailed("egress");

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependencyWhoseRestartEndsAfterHalfTheGraceIsStoppedAtOnce() {
        // Given
        Story story = Story.up(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .exits("pipelock", 1)
                .at(600)
                .timePasses()
                .at(1000)
                .term();

        // When
        story.at(5000).started("pipelock", 200);

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependencyWhoseRestartEndsBeforeThatWaitsForItsDependants() {
        // Given
        Story story = Story.up(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .exits("pipelock", 1)
                .at(600)
                .timePasses()
                .at(1000)
                .term();

        // When
        story.at(4999).started("pipelock", 200);

        // Then
        assertThat(story.signals()).isEmpty();
        assertThat(story.deadlineMillis()).isEqualTo(5000);
    }

    @Test
    void aDependencyThatDiesWhileItWaitsIsSaidWithoutAPolicy() {
        // Given
        Story story = up().term();

        // When
        story.exits("pipelock", 3);

        // Then
        assertThat(story.lines()).containsExactly("pipelock exited with code 3");
        assertThat(story.words()).containsExactly("exited", "stopping", "stopping");
        assertThat(story.exits("supervise", 0).exits("egress", 0).effects()).endsWith(new Effect.Leave(3));
    }

    @Test
    void aDependencyThatDiesWhileItWaitsHasItsGroupStopped() {
        // Given
        Story story = up().at(0).term();

        // When
        story.at(1000).exitsBeforeItsGroup("pipelock", 0);

        // Then
        assertThat(story.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(story.words()).containsExactly("stopping", "stopping", "stopping");
        assertThat(story.groupEmptied("pipelock").words()).containsExactly("exited", "stopping", "stopping");
    }

    @Test
    void aDependencyThatSomebodyElseStopsWithItsStopSignalCountsAsZero() {
        // Given
        Story killed = up().term();
        Story exited = up().term();

        // When
        killed.isKilled("pipelock", Signal.TERM).exits("egress", 0).exits("supervise", 0);
        exited.exits("pipelock", 143).exits("egress", 0).exits("supervise", 0);

        // Then
        assertThat(killed.effects()).endsWith(new Effect.Leave(0));
        assertThat(exited.effects()).endsWith(new Effect.Leave(0));
    }

    @Test
    void aDependencyThatSomebodyElseKillsCounts137() {
        // Given
        Story story = up().term();

        // When
        story.isKilled("pipelock", Signal.KILL).exits("egress", 0).exits("supervise", 0);

        // Then
        assertThat(story.effects()).endsWith(new Effect.Leave(137));
    }

    @Test
    void probesEndForThoseThatWaitToo() {
        // Given
        Story story = Story.up(restarting(probed("pipelock"), dependent(daemon("egress"), "pipelock")));

        // When
        story.term().fails("pipelock", ProbeKind.READINESS, "refused");

        // Then
        assertThat(story.allEffects()).contains(new Effect.StopProbes("pipelock"));
        assertThat(story.effects()).isEmpty();
        assertThat(story.words()).containsExactly("running", "stopping");
    }

    private static Story up() {
        return Story.up(bundle(
                FailurePolicy.LEAVE,
                "8s",
                daemon("pipelock"),
                dependent(daemon("egress"), "pipelock"),
                daemon("supervise")));
    }
}
