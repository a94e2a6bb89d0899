package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes a bundle through events on a virtual clock, and remembers what was to be done about them. */
final class Story {

    /** Stories soon cross the monotonic clock's zero: neither 0 nor a negative time is special. */
    private static final long ORIGIN = -Duration.ofMillis(700).toNanos();

    private static final Instant BEGINNING = Instant.parse("2026-11-22T15:00:00.123Z");

    private BundleState state;
    private long nanos = ORIGIN;
    private List<Effect> latest = List.of();
    private final List<Effect> all = new ArrayList<>();

    private Story(Bundle bundle, long seed) {
        state = BundleState.initial(bundle, seed);
    }

    static Story of(Bundle bundle) {
        return of(bundle, 1);
    }

    static Story of(Bundle bundle, long seed) {
        return new Story(bundle, seed);
    }

    /** All daemons are ready, since time 0, with the pids 100, 101 … in the bundle's order. */
    static Story up(Bundle bundle) {
        return up(bundle, 1);
    }

    static Story up(Bundle bundle, long seed) {
        Story story = of(bundle, seed).begin();
        while (!story.state.ready()) {
            for (int i = 0; i < bundle.daemons().size(); i++) {
                String name = bundle.daemons().get(i).name();
                if (story.daemon(name).state() instanceof DaemonState.Launching) {
                    story.started(name, 100 + i);
                }
                if (story.daemon(name).state() instanceof DaemonState.Starting) {
                    story.passes(name, ProbeKind.READINESS);
                }
            }
        }
        return story;
    }

    /** What comes next comes so much later. */
    Story after(long millis) {
        nanos += Duration.ofMillis(millis).toNanos();
        return this;
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

    /** Its current start passes. */
    Story passes(String daemon, ProbeKind kind) {
        return on(new Event.Probed(daemon, kind, daemon(daemon).starts(), Optional.empty()));
    }

    /** Its current start fails. */
    Story fails(String daemon, ProbeKind kind, String cause) {
        return on(new Event.Probed(daemon, kind, daemon(daemon).starts(), Optional.of(cause)));
    }

    /** Its backoff is over, it is started again with this pid, and is ready. */
    Story comesBack(String daemon, int pid) {
        nanos = ((DaemonState.Backoff) daemon(daemon).state()).due();
        timePasses().started(daemon, pid);
        return daemon(daemon).ready() ? this : passes(daemon, ProbeKind.READINESS);
    }

    Story hangUp() {
        return on(new Event.HangUp());
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

    /** Of the latest event: all but notices and probes. */
    List<Effect> deeds() {
        return deeds(latest);
    }

    static List<Effect> deeds(List<Effect> effects) {
        return effects.stream()
                .filter(effect -> switch (effect) {
                    case Effect.Say _,
                            Effect.SayAfterLastWords _,
                            Effect.Start _,
                            Effect.SignalGroup _,
                            Effect.Leave _ -> true;
                    case Effect.StartProbe _, Effect.StopProbes _, Effect.Publish _ -> false;
                })
                .toList();
    }

    /** Of the whole story. */
    List<Effect> allEffects() {
        return List.copyOf(all);
    }

    /** Everything that the latest event caused, in the words of {@link Told}. */
    List<String> told() {
        return Told.of(latest);
    }

    /** Of the latest event. */
    List<String> lines() {
        return lines(latest);
    }

    /** Of the whole story. */
    List<String> allLines() {
        return lines(all);
    }

    static List<String> lines(List<Effect> effects) {
        List<String> lines = new ArrayList<>();
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Say(String line) -> lines.add(line);
                case Effect.SayAfterLastWords(String _, String line) -> lines.add(line);
                case Effect.Start _,
                        Effect.SignalGroup _,
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
                .filter(Effect.SignalGroup.class::isInstance)
                .map(Told::of)
                .toList();
    }

    /** Of the latest event, in the words of {@link Told}. */
    List<String> notices() {
        return notices(latest);
    }

    /** Of the whole story. */
    List<String> allNotices() {
        return notices(all);
    }

    private static List<String> notices(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.Publish.class::isInstance)
                .map(effect -> Told.of(((Effect.Publish) effect).notice()))
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
