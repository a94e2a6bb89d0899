package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** One step of {@link Lifecycle}: a working copy of the state, the effects so far, and the rules, each in its room. */
final class Transition {

    final BundleState before;
    final Timestamp now;
    final StartTransitions starts = new StartTransitions(this);
    final ProbeTransitions probes = new ProbeTransitions(this);
    final DeathTransitions deaths = new DeathTransitions(this);
    final StopTransitions stops = new StopTransitions(this);
    Phase phase;
    private final List<DaemonStatus> daemons;
    private final List<Effect> effects = new ArrayList<>();
    private long seed;

    Transition(BundleState before, Timestamp now) {
        this.before = before;
        this.now = now;
        this.phase = before.phase();
        this.daemons = new ArrayList<>(before.daemons());
        this.seed = before.seed();
    }

    Lifecycle.Step end() {
        // in a stop, one whose dead group has not got its stop signal yet waits for another that has not exited
        if (daemons.stream().allMatch(daemon -> daemon.state() instanceof DaemonState.Exited)) {
            effects.add(new Effect.Leave(exitCode()));
            phase = new Phase.Over(
                    phase instanceof Phase.Stopping stopping
                            ? OptionalLong.of(stopping.since())
                            : OptionalLong.empty());
        }
        BundleState after = new BundleState(before.bundle(), phase, daemons, seed);
        if (after.ready() && !before.ready()) {
            publish(Notification.ofBundle(Notification.Type.BUNDLE_READY, now));
        }
        return new Lifecycle.Step(after, List.copyOf(effects));
    }

    private int exitCode() {
        int highest = daemons.stream().mapToInt(DaemonStatus::exitCode).max().orElse(0);
        return phase instanceof Phase.Stopping stopping
                ? stopping.teardownCode().orElse(highest)
                : highest;
    }

    Bundle bundle() {
        return before.bundle();
    }

    /** A copy: the rules change daemons while they go through them. */
    List<DaemonStatus> daemons() {
        return List.copyOf(daemons);
    }

    DaemonStatus get(String name) {
        return daemons.get(index(name));
    }

    /** Not selected, for one. */
    boolean isUnknown(String name) {
        return daemons.stream().noneMatch(daemon -> daemon.name().equals(name));
    }

    void put(DaemonStatus changed) {
        daemons.set(index(changed.name()), changed);
    }

    void effect(Effect effect) {
        effects.add(effect);
    }

    void say(String line) {
        effects.add(new Effect.Say(line));
    }

    void publish(Notification notification) {
        effects.add(new Effect.Publish(notification));
    }

    /** A random number from -1 to 1, the same one for the same state. */
    double jitter() {
        SplittableRandom random = new SplittableRandom(seed);
        seed = random.nextLong();
        return random.nextDouble(-1, Math.nextUp(1.0));
    }

    IllegalStateException impossible(Event event) {
        return new IllegalStateException("internal error: " + event + " while " + phase);
    }

    private int index(String name) {
        for (int i = 0; i < daemons.size(); i++) {
            if (daemons.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no such daemon: " + name);
    }
}
