package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes a bundle through events on a virtual clock and records their effects. */
final class Scenario {

    /** Negative, so that a scenario soon crosses the zero of the monotonic clock, which must not matter. */
    private static final long ORIGIN = -Duration.ofMillis(700).toNanos();

    private static final Instant BEGINNING = Instant.parse("2026-11-22T15:00:00.123Z");

    private BundleState state;
    private long nanos = ORIGIN;
    private List<Effect> latest = List.of();
    private final List<Effect> all = new ArrayList<>();

    private Scenario(Bundle bundle, long seed) {
        state = BundleState.initial(bundle, seed);
    }

    static Scenario of(Bundle bundle) {
        return of(bundle, 1);
    }

    static Scenario of(Bundle bundle, long seed) {
        return new Scenario(bundle, seed);
    }

    /** All daemons are ready since time 0, with the pids 100, 101 … in the bundle's order. */
    static Scenario up(Bundle bundle) {
        return up(bundle, 1);
    }

    static Scenario up(Bundle bundle, long seed) {
        Scenario scenario = of(bundle, seed).begin();
        while (!scenario.state.ready()) {
            for (int i = 0; i < bundle.daemons().size(); i++) {
                String name = bundle.daemons().get(i).name();
                if (scenario.daemon(name).state() instanceof DaemonState.Launching) {
                    scenario.started(name, 100 + i);
                }
                if (scenario.daemon(name).state() instanceof DaemonState.Starting) {
                    scenario.passes(name, ProbeKind.READINESS);
                }
            }
        }
        return scenario;
    }

    /** The next event happens this much later. */
    Scenario after(long millis) {
        nanos += Duration.ofMillis(millis).toNanos();
        return this;
    }

    /** The next event happens this long after the beginning of the scenario. */
    Scenario at(long millis) {
        nanos = ORIGIN + Duration.ofMillis(millis).toNanos();
        return this;
    }

    Scenario on(Event event) {
        Lifecycle.Step step = Lifecycle.step(state, event, now());
        state = step.state();
        latest = step.effects();
        all.addAll(latest);
        return this;
    }

    Scenario begin() {
        return on(new Event.Begin());
    }

    Scenario started(String daemon, int pid) {
        return on(new Event.Started(daemon, pid));
    }

    Scenario startFailed(String daemon) {
        return on(new Event.StartFailed(daemon, 127, "/bin/" + daemon, "No such file or directory"));
    }

    Scenario exits(String daemon, int code) {
        return on(new Event.Exited(daemon, new ExitStatus.Code(code), false, null));
    }

    Scenario exitsBeforeItsSession(String daemon, int code) {
        return on(new Event.Exited(daemon, new ExitStatus.Code(code), true, null));
    }

    Scenario isKilled(String daemon, Signal signal) {
        return on(new Event.Exited(daemon, new ExitStatus.Killed(signal, false), false, null));
    }

    Scenario sessionEmptied(String daemon) {
        return on(new Event.SessionEmptied(daemon));
    }

    /** A probe of its current start passes. */
    Scenario passes(String daemon, ProbeKind kind) {
        return on(new Event.Probed(daemon, kind, daemon(daemon).starts(), Optional.empty()));
    }

    /** A probe of its current start fails. */
    Scenario fails(String daemon, ProbeKind kind, String cause) {
        return on(new Event.Probed(daemon, kind, daemon(daemon).starts(), Optional.of(cause)));
    }

    /** Its backoff ends, and it is started again with this pid and becomes ready. */
    Scenario comesBack(String daemon, int pid) {
        nanos = Deadlines.restart((DaemonState.Backoff) daemon(daemon).state());
        timePasses().started(daemon, pid);
        return daemon(daemon).ready() ? this : passes(daemon, ProbeKind.READINESS);
    }

    Scenario restart(String daemon) {
        return on(new Event.RestartRequested(daemon));
    }

    Scenario hangUp() {
        return on(new Event.HangUp());
    }

    Scenario term() {
        return on(new Event.StopRequested(Signal.TERM));
    }

    Scenario interrupt() {
        return on(new Event.StopRequested(Signal.INT));
    }

    Scenario timePasses() {
        return on(new Event.TimePassed());
    }

    BundleState state() {
        return state;
    }

    DaemonStatus daemon(String name) {
        return state.daemon(name);
    }

    List<String> words() {
        return state.daemons().stream().map(daemon -> daemon.state().word()).toList();
    }

    Timestamp now() {
        return new Timestamp(nanos, BEGINNING.plusNanos(nanos - ORIGIN));
    }

    /** The next deadline, in milliseconds since the beginning of the scenario. */
    long deadlineMillis() {
        return Duration.ofNanos(state.deadline().orElseThrow() - ORIGIN).toMillis();
    }

    /** Of the latest event. */
    List<Effect> effects() {
        return latest;
    }

    /** Of the latest event: all effects but notifications and probes; lines of ours with their message alone. */
    List<Effect> actions() {
        return actions(latest);
    }

    static List<Effect> actions(List<Effect> effects) {
        return effects.stream()
                .filter(effect -> switch (effect) {
                    case Effect.Say _,
                            Effect.SayAfterLastWords _,
                            Effect.Start _,
                            Effect.SignalSession _,
                            Effect.Leave _ -> true;
                    case Effect.StartProbe _, Effect.StopProbes _, Effect.Publish _ -> false;
                })
                .map(Scenario::withoutFields)
                .toList();
    }

    static Effect say(String message) {
        return new Effect.Say(OwnLine.info(message));
    }

    static Effect sayAfterLastWords(String daemon, String message) {
        return new Effect.SayAfterLastWords(daemon, OwnLine.info(message));
    }

    private static Effect withoutFields(Effect effect) {
        return switch (effect) {
            case Effect.Say(OwnLine line) -> say(line.message());
            case Effect.SayAfterLastWords(String daemon, OwnLine line) -> sayAfterLastWords(daemon, line.message());
            case Effect.Start _,
                    Effect.SignalSession _,
                    Effect.StartProbe _,
                    Effect.StopProbes _,
                    Effect.Publish _,
                    Effect.Leave _ -> effect;
        };
    }

    /** Of the whole scenario. */
    List<Effect> allEffects() {
        return List.copyOf(all);
    }

    /** All effects of the latest event, in the words of {@link EffectFormatter}. */
    List<String> formatted() {
        return EffectFormatter.of(latest);
    }

    /** Of the latest event. */
    List<String> lines() {
        return lines(latest);
    }

    /** Of the whole scenario. */
    List<String> allLines() {
        return lines(all);
    }

    static List<String> lines(List<Effect> effects) {
        List<String> lines = new ArrayList<>();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Say(OwnLine line) -> lines.add(line.message());
                case Effect.SayAfterLastWords(String _, OwnLine line) -> lines.add(line.message());
                case Effect.Start _,
                        Effect.SignalSession _,
                        Effect.StartProbe _,
                        Effect.StopProbes _,
                        Effect.Publish _,
                        Effect.Leave _ -> {}
            }
        }
        return lines;
    }

    /** Of the latest event: {@code SIGTERM to egress}. */
    List<String> signals() {
        return signals(latest);
    }

    static List<String> signals(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.SignalSession.class::isInstance)
                .map(EffectFormatter::of)
                .toList();
    }

    /** Of the latest event, in the words of {@link EffectFormatter}. */
    List<String> notifications() {
        return notifications(latest);
    }

    /** Of the whole scenario. */
    List<String> allNotifications() {
        return notifications(all);
    }

    private static List<String> notifications(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.Publish.class::isInstance)
                .map(effect -> EffectFormatter.of(((Effect.Publish) effect).notification()))
                .toList();
    }

    /** Names of the daemons that the latest event started. */
    List<String> starts() {
        return latest.stream()
                .filter(Effect.Start.class::isInstance)
                .map(effect -> ((Effect.Start) effect).daemon())
                .toList();
    }
}
