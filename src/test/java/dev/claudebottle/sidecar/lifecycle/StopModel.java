package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the contract expects of stops in a {@link Simulation}: of the bundle, and of one daemon for its liveness. */
final class StopModel {

    private static final long SECOND = 1_000_000_000L;
    private static final long GIVE_UP = SECOND / 2;

    Optional<Long> since = Optional.empty();
    boolean killing;
    long now;

    private final List<DaemonModel> models;
    private final EffectFormatter.Kinds expected;
    private final String graceText;
    private final long grace;
    private Optional<Long> firstSignal = Optional.empty();

    StopModel(Bundle bundle, List<DaemonModel> models, EffectFormatter.Kinds expected) {
        this.models = models;
        this.expected = expected;
        graceText = bundle.stopGracePeriod().text();
        grace = bundle.stopGracePeriod().duration().toNanos();
    }

    boolean graceElapsed(DaemonModel model) {
        return now >= model.signalledAt + model.grace || since.isPresent() && now >= graceEnd();
    }

    boolean halfGraceElapsed() {
        return now >= since.orElseThrow() + grace / 2;
    }

    long graceEnd() {
        return since.orElseThrow() + grace;
    }

    void stopRequested(Signal signal) {
        if (since.isEmpty()) {
            firstSignal = Optional.of(now);
            stop(signal.toString());
        } else if (firstSignal.isEmpty()) {
            firstSignal = Optional.of(now);
        } else if (now - firstSignal.get() >= SECOND && !killing) {
            killing = true;
            stopAll();
            killRound(signal + " again", stopping());
        }
    }

    void stop(String reason) {
        since = Optional.of(now);
        expected.line("shutting down (" + reason + "); forwarding SIGTERM");
        expected.notification("bundle.stopping");
        for (DaemonModel model : models) {
            if (model.state == DaemonModel.State.WAITING || model.state == DaemonModel.State.BACKOFF) {
                model.state = DaemonModel.State.EXITED;
                // got SIGKILL before the restart; the stop does not wait for it
                model.sessionLeft = false;
            } else if (model.runs()) {
                expected.probe("stop probes of " + model.name());
            }
        }
        stopUnneeded();
    }

    void stopUnneeded() {
        for (DaemonModel model : models) {
            boolean needed = models.stream()
                    .anyMatch(
                            other -> !other.isDown() && other.daemon.dependsOn().contains(model.name()));
            if (since.isPresent() && model.needsStopSignal() && !needed) {
                stop(model, false);
            }
        }
    }

    private void stopAll() {
        models.stream().filter(DaemonModel::needsStopSignal).forEach(model -> stop(model, false));
    }

    void stop(DaemonModel model, boolean failedLiveness) {
        model.alive = model.runs();
        model.state = DaemonModel.State.STOPPING;
        model.failedLiveness = failedLiveness;
        model.restartAsked = false;
        model.signalledAt = now;
        model.killedAt = Optional.empty();
        expected.signal(model.name(), model.daemon.stopSignal());
        expected.signal(model.name(), Signal.CONT);
    }

    void started(DaemonModel model) {
        if (killing) {
            stop(model, false);
            kill(model);
        } else if (halfGraceElapsed()) {
            stop(model, false);
        } else {
            stopUnneeded();
        }
    }

    void resumed(long pause) {
        since = since.map(at -> at + pause);
        for (DaemonModel model : stopping()) {
            model.signalledAt += pause;
            model.killedAt = model.killedAt.map(at -> at + pause);
        }
    }

    void timePassed() {
        if (since.isEmpty()) {
            for (DaemonModel model : stopping()) {
                if (model.killedAt.isEmpty() && graceElapsed(model)) {
                    killRound("grace (" + model.graceText + ") elapsed", List.of(model));
                    if (model.restartAsked && !model.alive) {
                        model.state = DaemonModel.State.BACKOFF;
                        model.nextStart = now;
                    }
                }
            }
            return;
        }
        if (halfGraceElapsed()) {
            stopAll();
        }
        Map<String, List<DaemonModel>> killsByGrace = new LinkedHashMap<>();
        for (DaemonModel model : stopping()) {
            if (model.killedAt.isPresent()) {
                if (now >= model.killedAt.get() + GIVE_UP) {
                    expected.line("SIGKILL does not end " + model.name() + "; leaving without it");
                    model.state = DaemonModel.State.EXITED;
                    model.sessionLeft = false;
                }
            } else if (graceElapsed(model)) {
                boolean own = model.signalledAt + model.grace <= graceEnd();
                String text = own ? model.graceText : graceText;
                killsByGrace.computeIfAbsent(text, _ -> new ArrayList<>()).add(model);
            }
        }
        stopUnneeded();
        killsByGrace.forEach((text, targets) -> killRound("grace (" + text + ") elapsed", targets));
        killing |= now >= graceEnd();
    }

    private void killRound(String reason, List<DaemonModel> targets) {
        if (!targets.isEmpty()) {
            expected.line(reason + "; SIGKILL on "
                    + String.join(", ", targets.stream().map(DaemonModel::name).toList()));
            targets.forEach(this::kill);
        }
    }

    private void kill(DaemonModel model) {
        model.killedAt = model.killedAt.or(() -> Optional.of(now));
        expected.signal(model.name(), Signal.KILL);
    }

    private List<DaemonModel> stopping() {
        return models.stream()
                .filter(model -> model.state == DaemonModel.State.STOPPING)
                .toList();
    }

    /** The next deadline of a daemon that is not down; empty: it has none. */
    Optional<Long> deadline(DaemonModel model) {
        if (model.needsStopSignal()) {
            return since.map(at -> at + grace / 2);
        }
        if (since.isEmpty()) {
            return model.killedAt.isPresent() ? Optional.empty() : Optional.of(model.signalledAt + model.grace);
        }
        return Optional.of(
                model.killedAt.map(at -> at + GIVE_UP).orElse(Math.min(model.signalledAt + model.grace, graceEnd())));
    }
}
