package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Takes a bundle through events on a virtual clock, and remembers what was to be done about them. */
final class Story {

    /** Stories soon cross the monotonic clock's zero: neither 0 nor a negative time is special. */
    private static final long ORIGIN = -Duration.ofMillis(700).toNanos();

    private static final Instant BEGINNING = Instant.parse("2026-11-22T15:00:00.123Z");

    private BundleState state;
    private long nanos = ORIGIN;
    private List<Effect> latest = List.of();
    private final List<Effect> all = new ArrayList<>();

    private Story(Bundle bundle) {
        state = BundleState.initial(bundle);
    }

    static Story of(Bundle bundle) {
        return new Story(bundle);
    }

    /** All daemons run, since time 0, with the pids 100, 101 … */
    static Story up(Bundle bundle) {
        Story story = of(bundle).on(new Event.Begin());
        int pid = 100;
        for (Daemon daemon : bundle.daemons()) {
            story.on(new Event.Started(daemon.name(), pid++));
        }
        return story;
    }

    /** What comes next comes this long after the beginning of the story. */
    Story at(long millis) {
        nanos = ORIGIN + Duration.ofMillis(millis).toNanos();
        return this;
    }

    Story on(Event event) {
        Lifecycle.Step step = Lifecycle.step(state, event, now());
        state = step.state();
        latest = step.effects();
        all.addAll(latest);
        return this;
    }

    Story begin() {
        return on(new Event.Begin());
    }

    Story started(String daemon, int pid) {
        return on(new Event.Started(daemon, pid));
    }

    Story startFailed(String daemon) {
        return on(new Event.StartFailed(daemon, 127, "/bin/" + daemon, "No such file or directory"));
    }

    Story exits(String daemon, int code) {
        return on(new Event.Exited(daemon, new ExitStatus.Code(code), false, null));
    }

    Story exitsBeforeItsGroup(String daemon, int code) {
        return on(new Event.Exited(daemon, new ExitStatus.Code(code), true, null));
    }

    Story isKilled(String daemon, Signal signal) {
        return on(new Event.Exited(daemon, new ExitStatus.Killed(signal, false), false, null));
    }

    Story groupEmptied(String daemon) {
        return on(new Event.GroupEmptied(daemon));
    }

    Story term() {
        return on(new Event.StopRequested(Signal.TERM));
    }

    Story interrupt() {
        return on(new Event.StopRequested(Signal.INT));
    }

    Story timePasses() {
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

    Moment now() {
        return new Moment(nanos, BEGINNING.plusNanos(nanos - ORIGIN));
    }

    /** When the machine wants to hear of the time again, in this story's milliseconds. */
    long deadlineMillis() {
        return Duration.ofNanos(state.deadline().orElseThrow() - ORIGIN).toMillis();
    }

    /** Of the latest event. */
    List<Effect> effects() {
        return latest;
    }

    /** Of the whole story. */
    List<Effect> allEffects() {
        return List.copyOf(all);
    }

    /** Of the latest event. */
    List<String> lines() {
        return lines(latest);
    }

    static List<String> lines(List<Effect> effects) {
        List<String> lines = new ArrayList<>();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Say(String line) -> lines.add(line);
                case Effect.SayAfterLastWords(String _, String line) -> lines.add(line);
                case Effect.Start _, Effect.SignalGroup _, Effect.Leave _ -> {}
            }
        }
        return lines;
    }

    /** Of the latest event: {@code SIGTERM to egress}. */
    List<String> signals() {
        return signals(latest);
    }

    static List<String> signals(List<Effect> effects) {
        List<String> signals = new ArrayList<>();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.SignalGroup(String daemon, Signal signal) -> signals.add(signal + " to " + daemon);
                case Effect.Say _, Effect.SayAfterLastWords _, Effect.Start _, Effect.Leave _ -> {}
            }
        }
        return signals;
    }
}
