package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import java.util.function.Supplier;

/** Every place that daemon {@code a} can be in, reached by events; {@code b} is there beside it. */
enum Situation {
    BEFORE_BEGIN(() -> Story.of(aThenB())),
    WAITING_WHILE_B_STARTS(() -> Story.of(bThenA()).begin()),
    STARTING(() -> Story.of(aThenB()).begin()),
    RUNNING(() -> Story.up(aThenB())),
    DEAD(() -> Story.up(aThenB()).at(0).exits("a", 1)),

    STOP_BEGAN_WHILE_STARTING(() -> startingA().at(0).term()),
    STOPPING(() -> Story.up(aThenB()).at(0).term()),
    GROUP_LEFT(() -> STOPPING.reach().exitsBeforeItsGroup("a", 0)),
    DOWN(() -> STOPPING.reach().exits("a", 0)),
    KILLED_AT_OWN_GRACE(() -> STOPPING.reach().at(5000).timePasses()),
    GROUP_KILLED_AT_OWN_GRACE(() -> GROUP_LEFT.reach().at(5000).timePasses()),
    GIVEN_UP(() -> KILLED_AT_OWN_GRACE.reach().at(5500).timePasses()),

    KILLING_BEGAN_WHILE_STARTING(
            () -> STOP_BEGAN_WHILE_STARTING.reach().at(1000).term()),
    KILLED_BY_SECOND_TERM(() -> STOPPING.reach().at(1000).term()),
    GROUP_KILLED_BY_SECOND_TERM(() -> GROUP_LEFT.reach().at(1000).term()),
    DOWN_WHILE_B_IS_KILLED(() -> DOWN.reach().at(1000).term()),

    OVER(() -> DOWN.reach().exits("b", 0));

    private final Supplier<Story> way;

    Situation(Supplier<Story> way) {
        this.way = way;
    }

    Story reach() {
        return way.get();
    }

    private static Bundle aThenB() {
        return bundle(FailurePolicy.LEAVE, "8s", daemon("a", "5s"), daemon("b"));
    }

    private static Bundle bThenA() {
        return bundle(FailurePolicy.LEAVE, "8s", daemon("b"), daemon("a", "5s"));
    }

    private static Story startingA() {
        return Story.of(bThenA()).begin().started("b", 101);
    }
}
