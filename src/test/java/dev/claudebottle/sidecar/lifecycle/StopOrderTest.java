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
    void dependentsAndUnrelatedDaemonsStopFirst() {
        // Given
        Scenario scenario = up();

        // When
        scenario.term();

        // Then
        assertThat(scenario.signals())
                .containsExactly(
                        "SIGTERM to egress", "SIGCONT to egress", "SIGTERM to supervise", "SIGCONT to supervise");
        assertThat(scenario.words()).containsExactly("running", "stopping", "stopping");
    }

    @Test
    void aDependencyStopsAsSoonAsItsDependentsAreDown() {
        // Given
        Scenario scenario = up().term();

        // When
        scenario.exits("egress", 0);

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependentIsDownWhenItsSessionIsEmpty() {
        // Given
        Scenario scenario = up().term();

        // When
        scenario.exitsBeforeItsSession("egress", 0);
        boolean early = !scenario.signals().isEmpty();
        scenario.exits("supervise", 0);
        early |= !scenario.signals().isEmpty();
        scenario.sessionEmptied("egress");

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependencyWaitsForTheSessionOfADeadDependent() {
        // Given
        Scenario scenario = up().exitsBeforeItsSession("egress", 1).term();
        List<String> first = scenario.signals();

        // When
        scenario.sessionEmptied("egress");

        // Then
        assertThat(first)
                .containsExactly(
                        "SIGTERM to egress", "SIGCONT to egress", "SIGTERM to supervise", "SIGCONT to supervise");
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void theSessionOfADeadDependencyWaitsForTheDependents() {
        // Given
        Scenario scenario = up().exitsBeforeItsSession("pipelock", 1).term();
        List<String> first = scenario.signals();
        List<String> words = scenario.words();

        // When
        scenario.exits("egress", 0);

        // Then
        assertThat(first).doesNotContain("SIGTERM to pipelock");
        assertThat(words).containsExactly("exited", "stopping", "stopping");
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(scenario.words()).containsExactly("stopping", "exited", "stopping");
    }

    @Test
    void theSessionOfADeadDependencyWaitsForHalfTheGraceAtMost() {
        // Given
        Scenario scenario =
                up().exitsBeforeItsSession("pipelock", 1).at(0).term().exits("supervise", 0);
        long deadline = scenario.deadlineMillis();

        // When
        scenario.at(4000).timePasses();

        // Then
        assertThat(deadline).isEqualTo(4000);
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void theSessionOfADeadDependencyMayEndWhileItWaits() {
        // Given
        Scenario scenario = up().exitsBeforeItsSession("pipelock", 1).term().sessionEmptied("pipelock");

        // When
        scenario.exits("egress", 0).exits("supervise", 0);

        // Then
        assertThat(Scenario.signals(scenario.allEffects())).doesNotContain("SIGTERM to pipelock");
        assertThat(scenario.effects()).endsWith(new Effect.Leave(1));
    }

    @Test
    void aDependencyWaitsForAllItsDependents() {
        // Given
        Scenario scenario = Scenario.up(bundle(
                        FailurePolicy.LEAVE,
                        "8s",
                        daemon("pipelock"),
                        dependent(daemon("egress"), "pipelock"),
                        dependent(daemon("git-gate"), "pipelock")))
                .term()
                .exits("egress", 0);
        boolean early = !scenario.signals().isEmpty();

        // When
        scenario.exits("git-gate", 0);

        // Then
        assertThat(early).isFalse();
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void chainsOfDependenciesStopOneByOne() {
        // Given
        Scenario scenario = Scenario.up(bundle(
                FailurePolicy.LEAVE, "8s", dependent(daemon("c"), "b"), dependent(daemon("b"), "a"), daemon("a")));

        // When
        scenario.term().exits("c", 0);
        boolean onlyB = scenario.signals().equals(List.of("SIGTERM to b", "SIGCONT to b"));
        scenario.exits("b", 0);

        // Then
        assertThat(onlyB).isTrue();
        assertThat(scenario.signals()).containsExactly("SIGTERM to a", "SIGCONT to a");
    }

    @Test
    void atHalfTheGraceDependenciesWaitNoLonger() {
        // Given
        Scenario scenario = up().at(0).term().exits("supervise", 0);

        // When
        scenario.at(3999).timePasses();
        boolean early = !scenario.effects().isEmpty();
        long deadline = scenario.deadlineMillis();
        scenario.at(4000).timePasses();

        // Then
        assertThat(early).isFalse();
        assertThat(deadline).isEqualTo(4000);
        assertThat(scenario.formatted()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void atTheGraceAllAreKilledTogether() {
        // Given
        Scenario scenario = up().at(0).term().at(4000).timePasses();

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (8s) elapsed; SIGKILL on pipelock, egress, supervise");
    }

    @Test
    void theDependencysOwnGraceCountsFromItsStopSignal() {
        // Given
        Scenario scenario = Scenario.up(bundle(
                        FailurePolicy.LEAVE, "8s", daemon("pipelock", "3s"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .term();

        // When
        scenario.at(1000).exits("egress", 0);

        // Then
        assertThat(scenario.deadlineMillis()).isEqualTo(4000);
        assertThat(scenario.at(4000).timePasses().lines()).containsExactly("grace (3s) elapsed; SIGKILL on pipelock");
    }

    @Test
    void whenBothGracesEndAtOnceTheDaemonsOwnIsNamed() {
        // Given
        Scenario scenario = Scenario.up(bundle(
                        FailurePolicy.LEAVE, "8s", daemon("pipelock", "4s"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .term();
        scenario.at(4000).timePasses().exits("egress", 0);

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.lines()).containsExactly("grace (4s) elapsed; SIGKILL on pipelock");
    }

    @Test
    void aSecondTermDoesNotWaitForDependents() {
        // Given
        Scenario scenario = up().at(0).term();

        // When
        scenario.at(1000).term();

        // Then
        assertThat(scenario.lines()).containsExactly("SIGTERM again; SIGKILL on pipelock, egress, supervise");
        assertThat(scenario.signals())
                .containsExactly(
                        "SIGTERM to pipelock",
                        "SIGCONT to pipelock",
                        "SIGKILL to pipelock",
                        "SIGKILL to egress",
                        "SIGKILL to supervise");
    }

    @Test
    void aVeryLateTimerSendsBothSignals() {
        // Given
        Scenario scenario = up().at(0).term();

        // When
        scenario.at(8000).timePasses();

        // Then
        assertThat(scenario.signals())
                .containsExactly(
                        "SIGTERM to pipelock",
                        "SIGCONT to pipelock",
                        "SIGKILL to pipelock",
                        "SIGKILL to egress",
                        "SIGKILL to supervise");
    }

    @Test
    void aDeadDependentDoesNotDelayItsDependency() {
        // Given
        Scenario scenario = up().exits("egress", 1);

        // When
        scenario.term();

        // Then
        assertThat(scenario.signals()).contains("SIGTERM to pipelock");
    }

    @Test
    void aDependentInBackoffDoesNotDelayItsDependency() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .exits("egress", 1);

        // When
        scenario.term();

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependentThatIsLaunchingDelaysItsDependency() {
        // Given
        Scenario scenario = Scenario.of(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12);

        // When
        scenario.term();
        boolean early = !scenario.signals().isEmpty();
        scenario.started("egress", 13);
        boolean dependentFirst = scenario.signals().equals(List.of("SIGTERM to egress", "SIGCONT to egress"));
        scenario.exits("egress", 0);

        // Then
        assertThat(early).isFalse();
        assertThat(dependentFirst).isTrue();
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aStartThatFailsDuringTheStopLetsItsDependencyStop() {
        // Given
        Scenario scenario = Scenario.of(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .begin()
                .started("pipelock", 12)
                .term();

        // When
        scenario.startFailed("egress");

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependencyThatRestartsAfterHalfTheGraceIsStoppedAtOnce() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .exits("pipelock", 1)
                .at(600)
                .timePasses()
                .at(1000)
                .term();

        // When
        scenario.at(5000).started("pipelock", 200);

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
    }

    @Test
    void aDependencyThatRestartsBeforeHalfTheGraceWaitsForItsDependents() {
        // Given
        Scenario scenario = Scenario.up(restarting(daemon("pipelock"), dependent(daemon("egress"), "pipelock")))
                .at(0)
                .exits("pipelock", 1)
                .at(600)
                .timePasses()
                .at(1000)
                .term();

        // When
        scenario.at(4999).started("pipelock", 200);

        // Then
        assertThat(scenario.signals()).isEmpty();
        assertThat(scenario.deadlineMillis()).isEqualTo(5000);
    }

    @Test
    void theDeathOfAWaitingDependencyIsLoggedWithoutAPolicy() {
        // Given
        Scenario scenario = up().term();

        // When
        scenario.exits("pipelock", 3);

        // Then
        assertThat(scenario.lines()).containsExactly("pipelock exited with code 3");
        assertThat(scenario.words()).containsExactly("exited", "stopping", "stopping");
        assertThat(scenario.exits("supervise", 0).exits("egress", 0).effects()).endsWith(new Effect.Leave(3));
    }

    @Test
    void theSessionOfADependencyThatDiesWhileItWaitsIsStopped() {
        // Given
        Scenario scenario = up().at(0).term();

        // When
        scenario.at(1000).exitsBeforeItsSession("pipelock", 0);

        // Then
        assertThat(scenario.signals()).containsExactly("SIGTERM to pipelock", "SIGCONT to pipelock");
        assertThat(scenario.words()).containsExactly("stopping", "stopping", "stopping");
        assertThat(scenario.sessionEmptied("pipelock").words()).containsExactly("exited", "stopping", "stopping");
    }

    @Test
    void aDependencyThatAnotherProcessStopsWithItsStopSignalCountsAsZero() {
        // Given
        Scenario killed = up().term();
        Scenario exited = up().term();

        // When
        killed.isKilled("pipelock", Signal.TERM).exits("egress", 0).exits("supervise", 0);
        exited.exits("pipelock", 143).exits("egress", 0).exits("supervise", 0);

        // Then
        assertThat(killed.effects()).endsWith(new Effect.Leave(0));
        assertThat(exited.effects()).endsWith(new Effect.Leave(0));
    }

    @Test
    void aDependencyThatAnotherProcessKillsCounts137() {
        // Given
        Scenario scenario = up().term();

        // When
        scenario.isKilled("pipelock", Signal.KILL).exits("egress", 0).exits("supervise", 0);

        // Then
        assertThat(scenario.effects()).endsWith(new Effect.Leave(137));
    }

    @Test
    void theProbesOfWaitingDependenciesStopToo() {
        // Given
        Scenario scenario = Scenario.up(restarting(probed("pipelock"), dependent(daemon("egress"), "pipelock")));

        // When
        scenario.term().fails("pipelock", ProbeKind.READINESS, "refused");

        // Then
        assertThat(scenario.allEffects()).contains(new Effect.StopProbes("pipelock"));
        assertThat(scenario.effects()).isEmpty();
        assertThat(scenario.words()).containsExactly("running", "stopping");
    }

    private static Scenario up() {
        return Scenario.up(bundle(
                FailurePolicy.LEAVE,
                "8s",
                daemon("pipelock"),
                dependent(daemon("egress"), "pipelock"),
                daemon("supervise")));
    }
}
