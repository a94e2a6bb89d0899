package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The context of one {@link Lifecycle} step: a working copy of the state, the effects so far, and the time. */
final class Transition {

    private final BundleState before;
    private final Timestamp now;
    private final DaemonStatus[] daemons;
    private final List<Effect> effects = new ArrayList<>();
    private Phase phase;
    private long seed;

    Transition(BundleState before, Timestamp now) {
        this.before = before;
        this.now = now;
        this.daemons = before.daemons().toArray(new DaemonStatus[0]);
        this.phase = before.phase();
        this.seed = before.seed();
    }

    Timestamp now() {
        return now;
    }

    Bundle bundle() {
        return before.bundle();
    }

    Phase phase() {
        return phase;
    }

    void enter(Phase next) {
        phase = next;
    }

    boolean isRunning() {
        return phase instanceof Phase.Running;
    }

    /** In the bundle's order; shows every later {@link #put}, also to a loop that goes through it. */
    List<DaemonStatus> daemons() {
        return Arrays.asList(daemons);
    }

    DaemonStatus get(String name) {
        return daemons[index(name)];
    }

    /** {@code depends_on} and {@code forward_hup} may name daemons that are not selected. */
    boolean has(String name) {
        for (DaemonStatus daemon : daemons) {
            if (daemon.name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    void put(DaemonStatus changed) {
        daemons[index(changed.name())] = changed;
    }

    void effect(Effect effect) {
        effects.add(effect);
    }

    void say(OwnLine line) {
        effects.add(new Effect.Say(line));
    }

    void publish(Notification.Type type) {
        effects.add(new Effect.Publish(Notification.ofBundle(type, now)));
    }

    void publish(Notification.Type type, DaemonStatus daemon) {
        effects.add(new Effect.Publish(Notification.of(type, now, daemon)));
    }

    void publish(Notification notification) {
        effects.add(new Effect.Publish(notification));
    }

    /** A random number from -1 to 1; equal states give equal numbers. */
    double jitter() {
        SplittableRandom random = new SplittableRandom(seed);
        seed = random.nextLong();
        return random.nextDouble(-1, Math.nextUp(1.0));
    }

    IllegalStateException impossible(Event event) {
        return new IllegalStateException("internal error: " + event + " while " + phase);
    }

    /** The state after the changes so far. */
    BundleState state() {
        return new BundleState(before.bundle(), phase, List.of(daemons), seed);
    }

    List<Effect> effects() {
        return List.copyOf(effects);
    }

    private int index(String name) {
        for (int i = 0; i < daemons.length; i++) {
            if (daemons[i].name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no such daemon: " + name);
    }
}
