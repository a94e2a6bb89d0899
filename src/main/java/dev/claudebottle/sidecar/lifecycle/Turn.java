package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One step of {@link Lifecycle}: a working copy of the state, and the effects so far. */
final class Turn {

    private final BundleState before;
    private final Moment now;
    private final List<DaemonStatus> daemons;
    private final List<Effect> effects = new ArrayList<>();
    private Phase phase;

    Turn(BundleState before, Moment now) {
        this.before = before;
        this.now = now;
        this.phase = before.phase();
        this.daemons = new ArrayList<>(before.daemons());
    }

    Lifecycle.Step end() {
        if (daemons.stream().allMatch(daemon -> daemon.state() instanceof DaemonState.Exited)) {
            effects.add(new Effect.Leave(exitCode()));
            phase = new Phase.Over(
                    phase instanceof Phase.Stopping stopping
                            ? OptionalLong.of(stopping.since())
                            : OptionalLong.empty());
        }
        return new Lifecycle.Step(new BundleState(before.bundle(), phase, daemons), List.copyOf(effects));
    }

    private int exitCode() {
        int highest = daemons.stream().mapToInt(DaemonStatus::exitCode).max().orElse(0);
        return phase instanceof Phase.Stopping stopping
                ? stopping.teardownCode().orElse(highest)
                : highest;
    }

    void begin(Event.Begin begin) {
        if (!daemons.stream().allMatch(daemon -> daemon.state() instanceof DaemonState.Waiting)) {
            throw impossible(begin);
        }
        startNext();
    }

    /** Starts are asked for one by one, so that a stop request can come between two of them. */
    private void startNext() {
        for (DaemonStatus daemon : daemons) {
            if (daemon.state() instanceof DaemonState.Waiting) {
                put(daemon.launched());
                say("starting " + daemon.name());
                effects.add(new Effect.Start(daemon.name()));
                return;
            }
        }
    }

    void started(Event.Started started) {
        DaemonStatus daemon = starting(started.daemon(), started).running(started.pid(), now);
        put(daemon);
        switch (phase) {
            case Phase.Running _ -> startNext();
            case Phase.Stopping stopping -> {
                stop(daemon);
                if (stopping.killing()) {
                    kill(get(daemon.name()));
                }
            }
            case Phase.Over _ -> throw impossible(started);
        }
    }

    void startFailed(Event.StartFailed failed) {
        DaemonStatus daemon = starting(failed.daemon(), failed)
                .ended(LastExit.of(failed, now), failed.code())
                .in(new DaemonState.Exited());
        String line = "cannot start " + failed.daemon() + ": " + failed.subject() + ": " + failed.error();
        if (phase instanceof Phase.Stopping) {
            put(daemon);
            say(line);
        } else {
            put(daemon.withGap(now));
            say(line + consequence(daemon));
            applyPolicy(daemon);
            if (phase instanceof Phase.Running) {
                startNext();
            }
        }
    }

    void exited(Event.Exited exited) {
        DaemonStatus daemon = get(exited.daemon());
        DaemonStatus ended = daemon.ended(LastExit.of(exited, now), StopRules.exitCode(daemon, exited.status()));
        String line = daemon.name() + " exited with code " + exited.status().text();
        switch (daemon.state()) {
            case DaemonState.Running _ -> {
                put(ended.in(new DaemonState.Exited()).withGap(now));
                sayAfterLastWords(daemon, line + consequence(daemon));
                applyPolicy(ended);
            }
            case DaemonState.Stopping stopping
            when stopping.alive() -> {
                put(ended.in(exited.groupLeft() ? stopping.dead() : new DaemonState.Exited()));
                sayAfterLastWords(daemon, line);
            }
            // we gave it up, and the kernel let go of it after all
            case DaemonState.Exited _
            when phase instanceof Phase.Stopping -> {
                put(ended);
                sayAfterLastWords(daemon, line);
            }
            case DaemonState.Waiting _, DaemonState.Starting _, DaemonState.Stopping _, DaemonState.Exited _ ->
                throw impossible(exited);
        }
    }

    void groupEmptied(Event.GroupEmptied emptied) {
        DaemonStatus daemon = get(emptied.daemon());
        switch (daemon.state()) {
            case DaemonState.Stopping stopping when !stopping.alive() -> put(daemon.in(new DaemonState.Exited()));
            // its group was left alone, or given up
            case DaemonState.Exited _ -> {}
            case DaemonState.Waiting _, DaemonState.Starting _, DaemonState.Running _, DaemonState.Stopping _ ->
                throw impossible(emptied);
        }
    }

    void stopRequested(Event.StopRequested request) {
        switch (phase) {
            case Phase.Running _ ->
                beginStop(
                        request.signal().toString(),
                        new Phase.Stopping(now.nanos(), OptionalLong.of(now.nanos()), OptionalInt.empty(), false));
            case Phase.Stopping stopping when stopping.firstSignal().isEmpty() -> phase = stopping.signalled(now);
            case Phase.Stopping stopping -> {
                long sinceFirst = now.nanos() - stopping.firstSignal().getAsLong();
                if (sinceFirst >= StopRules.SECOND_SIGNAL.toNanos() && !stopping.killing()) {
                    phase = stopping.startKilling();
                    killRound(request.signal() + " again", stoppingDaemons());
                }
            }
            case Phase.Over _ -> throw impossible(request);
        }
    }

    void timePassed() {
        if (!(phase instanceof Phase.Stopping stopping)) {
            return;
        }
        Map<String, List<DaemonStatus>> killsByGrace = new LinkedHashMap<>();
        for (DaemonStatus daemon : stoppingDaemons()) {
            if (now.nanos() - StopRules.due(before, stopping, daemon) < 0) {
                continue;
            }
            if (((DaemonState.Stopping) daemon.state()).killedAt().isPresent()) {
                say("SIGKILL does not end " + daemon.name() + "; leaving without it");
                put(daemon.in(new DaemonState.Exited()));
            } else {
                String grace = StopRules.grace(before, stopping, daemon).text();
                killsByGrace.computeIfAbsent(grace, text -> new ArrayList<>()).add(daemon);
            }
        }
        killsByGrace.forEach((grace, due) -> killRound("grace (" + grace + ") elapsed", due));
        if (now.nanos() - StopRules.graceEnd(before, stopping) >= 0) {
            phase = stopping.startKilling();
        }
    }

    private String consequence(DaemonStatus daemon) {
        return switch (before.bundle().failurePolicyOf(daemon.daemon())) {
            case LEAVE -> "; leaving surviving daemons running (operator-visible via agent-side failure)";
            case TEARDOWN -> "; shutting down the bundle";
        };
    }

    private void applyPolicy(DaemonStatus dead) {
        if (before.bundle().failurePolicyOf(dead.daemon()) == FailurePolicy.TEARDOWN) {
            beginStop(
                    dead.name() + " exited",
                    new Phase.Stopping(now.nanos(), OptionalLong.empty(), OptionalInt.of(dead.exitCode()), false));
        }
    }

    private void beginStop(String reason, Phase.Stopping stopping) {
        phase = stopping;
        say("shutting down (" + reason + "); forwarding SIGTERM");
        for (DaemonStatus daemon : List.copyOf(daemons)) {
            switch (daemon.state()) {
                case DaemonState.Waiting _ -> put(daemon.in(new DaemonState.Exited()));
                case DaemonState.Running _ -> stop(daemon);
                // Started is on its way, and stops it
                case DaemonState.Starting _ -> {}
                case DaemonState.Exited _ -> {}
                case DaemonState.Stopping _ ->
                    throw new IllegalStateException(
                            "internal error: " + daemon.name() + " is stopping before the stop");
            }
        }
    }

    private void stop(DaemonStatus daemon) {
        DaemonState.Running running = (DaemonState.Running) daemon.state();
        put(daemon.in(
                new DaemonState.Stopping(running.pid(), running.startedAt(), true, now.nanos(), OptionalLong.empty())));
        effects.add(new Effect.SignalGroup(daemon.name(), daemon.daemon().stopSignal()));
        // a stopped process would sleep on its stop signal
        effects.add(new Effect.SignalGroup(daemon.name(), Signal.CONT));
    }

    private void killRound(String reason, List<DaemonStatus> targets) {
        if (targets.isEmpty()) {
            return;
        }
        say(reason + "; SIGKILL on "
                + String.join(", ", targets.stream().map(DaemonStatus::name).toList()));
        targets.forEach(this::kill);
    }

    private void kill(DaemonStatus daemon) {
        put(daemon.in(((DaemonState.Stopping) daemon.state()).killed(now)));
        effects.add(new Effect.SignalGroup(daemon.name(), Signal.KILL));
    }

    private List<DaemonStatus> stoppingDaemons() {
        return daemons.stream()
                .filter(daemon -> daemon.state() instanceof DaemonState.Stopping)
                .toList();
    }

    private DaemonStatus starting(String name, Event answer) {
        DaemonStatus daemon = get(name);
        if (!(daemon.state() instanceof DaemonState.Starting)) {
            throw impossible(answer);
        }
        return daemon;
    }

    private DaemonStatus get(String name) {
        return daemons.get(index(name));
    }

    private void put(DaemonStatus changed) {
        daemons.set(index(changed.name()), changed);
    }

    private int index(String name) {
        for (int i = 0; i < daemons.size(); i++) {
            if (daemons.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("no such daemon: " + name);
    }

    private void say(String line) {
        effects.add(new Effect.Say(line));
    }

    private void sayAfterLastWords(DaemonStatus daemon, String line) {
        effects.add(new Effect.SayAfterLastWords(daemon.name(), line));
    }

    private IllegalStateException impossible(Event event) {
        return new IllegalStateException("internal error: " + event + " while " + phase);
    }
}
