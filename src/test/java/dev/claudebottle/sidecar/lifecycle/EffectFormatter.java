package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The effects as text: complete, and different for different effects. */
final class EffectFormatter {

    private EffectFormatter() {}

    static List<String> of(List<Effect> effects) {
        return effects.stream().map(EffectFormatter::of).toList();
    }

    static String of(Effect effect) {
        return switch (effect) {
            case Effect.Say(OwnLine line) -> "say: " + line.message();
            case Effect.SayAfterLastWords(String daemon, OwnLine line) ->
                "after " + daemon + "'s last words: " + line.message();
            case Effect.Start(String daemon) -> "start " + daemon;
            case Effect.SignalSession(String daemon, Signal signal) -> signal + " to " + daemon;
            case Effect.StartProbe(String daemon, ProbeKind kind, int start) ->
                "probe " + daemon + " for " + kind.name().toLowerCase(Locale.ROOT) + " of start " + start;
            case Effect.StopProbes(String daemon) -> "stop probes of " + daemon;
            case Effect.Publish(Notification notification) -> "publish: " + of(notification);
            case Effect.Leave(int code) -> "leave: " + code;
        };
    }

    /** {@code daemon.restarting egress, backoff, next start in 512 ms}. */
    static String of(Notification notification) {
        return notification.type().word()
                + notification
                        .daemon()
                        .map(daemon ->
                                " " + daemon.name() + ", " + daemon.state().word())
                        .orElse("")
                + notification
                        .nextStartIn()
                        .map(delay -> ", next start in " + delay.toMillis() + " ms")
                        .orElse("")
                + notification
                        .gap()
                        .map(gap -> ", gap of " + gap.toMillis() + " ms")
                        .orElse("")
                + (notification.planned() ? ", planned" : "");
    }

    /** Effects by kind. Their order matters within a kind only, that of signals per daemon only. */
    static final class Kinds {

        private final List<String> lines = new ArrayList<>();
        private final List<String> notifications = new ArrayList<>();
        private final List<String> starts = new ArrayList<>();
        private final List<String> probes = new ArrayList<>();
        private final Map<String, List<Signal>> signals = new HashMap<>();
        private final List<Integer> leaves = new ArrayList<>();

        static Kinds of(List<Effect> effects) {
            Kinds kinds = new Kinds();
            for (Effect effect : effects) {
                switch (effect) {
                    case Effect.Say(OwnLine line) -> kinds.line(line.message());
                    case Effect.SayAfterLastWords(String _, OwnLine line) -> kinds.line(line.message());
                    case Effect.Start(String daemon) -> kinds.start(daemon);
                    case Effect.SignalSession(String daemon, Signal signal) -> kinds.signal(daemon, signal);
                    case Effect.StartProbe _, Effect.StopProbes _ -> kinds.probe(EffectFormatter.of(effect));
                    case Effect.Publish(Notification notification) ->
                        kinds.notification(EffectFormatter.of(notification));
                    case Effect.Leave(int code) -> kinds.leave(code);
                }
            }
            return kinds;
        }

        void line(String line) {
            lines.add(line);
        }

        void notification(String notification) {
            notifications.add(notification);
        }

        void notification(String type, DaemonModel model) {
            notification(type, model, "");
        }

        void notification(String type, DaemonModel model, String more) {
            notification(type + " " + model.name() + ", " + model.word() + more);
        }

        void start(String daemon) {
            starts.add(daemon);
        }

        void probe(String probe) {
            probes.add(probe);
        }

        void signal(String daemon, Signal signal) {
            signals.computeIfAbsent(daemon, _ -> new ArrayList<>()).add(signal);
        }

        void leave(int code) {
            leaves.add(code);
        }

        void clear() {
            lines.clear();
            notifications.clear();
            starts.clear();
            probes.clear();
            signals.clear();
            leaves.clear();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Kinds kinds
                    && lines.equals(kinds.lines)
                    && notifications.equals(kinds.notifications)
                    && starts.equals(kinds.starts)
                    && probes.equals(kinds.probes)
                    && signals.equals(kinds.signals)
                    && leaves.equals(kinds.leaves);
        }

        @Override
        public int hashCode() {
            return lines.hashCode();
        }

        @Override
        public String toString() {
            return lines + " " + notifications + " " + starts + " " + probes + " " + signals + " " + leaves;
        }
    }
}
