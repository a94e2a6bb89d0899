package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.RESTART;
import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.dependent;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.withLiveness;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import java.util.List;
import java.util.function.Supplier;

/**
 * Every state that daemon {@code a} can reach, and the events that lead there; {@code b} is the other daemon of the
 * bundle. Daemon {@code a} has a grace of 5 s (the bundle 8 s), gets HUP, loses readiness after one failed probe and
 * fails liveness after two, one of which has already failed in every running state.
 */
enum StateFixture {
    BEFORE_BEGIN(() -> Scenario.of(leaving(a(), b()))),
    WAITING_WHILE_B_STARTS(() -> Scenario.of(leaving(b(), a())).begin()),
    WAITING_FOR_B(() -> Scenario.of(leaving(dependent(a(), "b"), probed(b()))).begin()),
    LAUNCHING(() -> Scenario.of(leaving(a(), b())).begin()),
    STARTING(() -> launchingA().started("a", 100)),
    RUNNING(() -> up(leaving(a(), b()))),
    UNREADY_AGAIN(() -> RUNNING.reach().fails("a", ProbeKind.READINESS, "refused")),
    DEAD(() -> RUNNING.reach().exits("a", 1)),
    DEAD_SESSION_LEFT(() -> RUNNING.reach().exitsBeforeItsSession("a", 1)),
    FAILED_LIVENESS(() -> RUNNING.reach().fails("a", ProbeKind.LIVENESS, "timeout")),
    FAILED_LIVENESS_SESSION_LEFT(() -> FAILED_LIVENESS.reach().exitsBeforeItsSession("a", 143)),
    FAILED_LIVENESS_KILLED(() -> FAILED_LIVENESS.reach().at(5000).timePasses()),

    RESTARTING(() -> RUNNING.reach().restart("a")),
    RESTARTING_SESSION_LEFT(() -> RESTARTING.reach().exitsBeforeItsSession("a", 143)),
    RESTARTING_KILLED(() -> RESTARTING.reach().at(5000).timePasses()),
    RESTARTING_AFTER_FAILED_LIVENESS(() -> FAILED_LIVENESS.reach().restart("a")),

    RUNNING_UNDER_RESTART(() -> up(bundle(FailurePolicy.RESTART, "8s", RESTART, List.of("a"), a(), b()))),
    FAILED_LIVENESS_UNDER_RESTART(() -> RUNNING_UNDER_RESTART.reach().fails("a", ProbeKind.LIVENESS, "timeout")),
    BACKOFF(() -> RUNNING_UNDER_RESTART.reach().exits("a", 1)),
    BACKOFF_SESSION_LEFT(() -> RUNNING_UNDER_RESTART.reach().exitsBeforeItsSession("a", 1)),
    LAUNCHING_AGAIN(() -> BACKOFF.reach().at(600).timePasses()),
    STARTING_AFTER_A_DEATH(() -> LAUNCHING_AGAIN.reach().started("a", 200)),
    RUNNING_AFTER_A_DEATH(() -> oneFailure(STARTING_AFTER_A_DEATH.reach().passes("a", ProbeKind.READINESS))),
    RUNNING_UNDER_TEARDOWN(() -> up(bundle(FailurePolicy.TEARDOWN, "8s", RESTART, List.of("a"), a(), b()))),

    STOP_BEGAN_WHILE_LAUNCHING(() -> launchingA().at(0).term()),
    UNREADY_WAITS_FOR_B_TO_STOP(() -> up(leaving(a(), dependent(b(), "a")))
            .at(0)
            .fails("a", ProbeKind.READINESS, "refused")
            .term()),
    WAITS_FOR_B_TO_STOP(() -> up(leaving(a(), dependent(b(), "a"))).at(0).term()),
    DEAD_SESSION_WAITS_FOR_B_TO_STOP(() -> up(leaving(a(), dependent(b(), "a")))
            .at(0)
            .exitsBeforeItsSession("a", 1)
            .term()),
    STOPPING(() -> RUNNING.reach().at(0).term()),
    STOPPING_AFTER_FAILED_LIVENESS(() -> FAILED_LIVENESS.reach().at(1000).term()),
    STOPPING_AFTER_A_RESTART(() -> RESTARTING.reach().at(1000).term()),
    STOPPING_DEAD_SESSION(() -> DEAD_SESSION_LEFT.reach().at(0).term()),
    SESSION_LEFT(() -> STOPPING.reach().exitsBeforeItsSession("a", 0)),
    DOWN(() -> STOPPING.reach().exits("a", 0)),
    KILLED_AT_OWN_GRACE(() -> STOPPING.reach().at(5000).timePasses()),
    SESSION_KILLED_AT_OWN_GRACE(() -> SESSION_LEFT.reach().at(5000).timePasses()),
    GIVEN_UP(() -> KILLED_AT_OWN_GRACE.reach().at(5500).timePasses()),

    KILLING_BEGAN_WHILE_LAUNCHING(
            () -> STOP_BEGAN_WHILE_LAUNCHING.reach().at(1000).term()),
    KILLED_BY_SECOND_TERM(() -> STOPPING.reach().at(1000).term()),
    SESSION_KILLED_BY_SECOND_TERM(() -> SESSION_LEFT.reach().at(1000).term()),
    DOWN_WHILE_B_IS_KILLED(() -> DOWN.reach().at(1000).term()),

    OVER(() -> DOWN.reach().exits("b", 0));

    private final Supplier<Scenario> scenario;

    StateFixture(Supplier<Scenario> scenario) {
        this.scenario = scenario;
    }

    Scenario reach() {
        return scenario.get();
    }

    private static Daemon a() {
        return withLiveness(probed(daemon("a", "5s")), 2);
    }

    private static Daemon b() {
        return daemon("b");
    }

    private static Bundle leaving(Daemon... daemons) {
        return bundle(FailurePolicy.LEAVE, "8s", RESTART, List.of("a"), daemons);
    }

    private static Scenario launchingA() {
        return Scenario.of(leaving(b(), a())).begin().started("b", 101);
    }

    private static Scenario up(Bundle bundle) {
        return oneFailure(Scenario.up(bundle).at(0));
    }

    private static Scenario oneFailure(Scenario scenario) {
        return scenario.fails("a", ProbeKind.LIVENESS, "timeout");
    }
}
