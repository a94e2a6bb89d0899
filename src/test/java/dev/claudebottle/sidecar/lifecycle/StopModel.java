package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The books of stops in a {@link Simulation}: of the bundle, and of single daemons for their liveness. */
final class StopModel {

    private static final long SECOND = 1_000_000_000L;
    private static final long GIVE_UP = SECOND / 2;

    Optional<Long> since = Optional.empty();
    boolean patienceOver;
    long now;

    private final List<DaemonModel> models;
    private final EffectFormatter.Kinds due;
    private final String graceText;
    private final long grace;
    private Optional<Long> firstSignal = Optional.empty();

    StopModel(Bundle bundle, List<DaemonModel> models, EffectFormatter.Kinds due) {
        this.models = models;
        this.due = due;
        graceText = bundle.stopGracePeriod().text();
        grace = bundle.stopGracePeriod().duration().toNanos();
    }

    boolean graceIsOver(DaemonModel model) {
        return now >= model.signalledAt + model.grace || since.isPresent() && now >= graceEnd();
    }

    boolean halfTheGraceIsOver() {
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
        } else if (now - firstSignal.get() >= SECOND && !patienceOver) {
            patienceOver = true;
            stopAll();
            killRound(signal + " again", stopping());
        }
    }

    void stop(String reason) {
        since = Optional.of(now);
        due.line("shutting down (" + reason + "); forwarding SIGTERM");
        due.notification("bundle.stopping");
        for (DaemonModel model : models) {
            if (model.place == DaemonModel.Place.WAITING || model.place == DaemonModel.Place.BACKOFF) {
                model.place = DaemonModel.Place.EXITED;
                // has got SIGKILL before a restart; nobody waits for that any more
                model.groupLeft = false;
            } else if (model.runs()) {
                due.probe("ask " + model.name() + " no more");
            }
        }
        stopTheFree();
    }

    void stopTheFree() {
        for (DaemonModel model : models) {
            boolean held = models.stream()
                    .anyMatch(
                            other -> !other.isDown() && other.daemon.dependsOn().contains(model.name()));
            if (since.isPresent() && model.needsStopSignal() && !held) {
                stopOne(model, false);
            }
        }
    }

    private void stopAll() {
        models.stream().filter(DaemonModel::needsStopSignal).forEach(model -> stopOne(model, false));
    }

    void stopOne(DaemonModel model, boolean failedLiveness) {
        model.alive = model.runs();
        model.place = DaemonModel.Place.STOPPING;
        model.failedLiveness = failedLiveness;
        model.signalledAt = now;
        model.killedAt = Optional.empty();
        due.signal(model.name(), model.daemon.stopSignal());
        due.signal(model.name(), Signal.CONT);
    }

    void started(DaemonModel model) {
        if (patienceOver) {
            stopOne(model, false);
            kill(model);
        } else if (halfTheGraceIsOver()) {
            stopOne(model, false);
        } else {
            stopTheFree();
        }
    }

    void timePassed() {
        if (since.isEmpty()) {
            for (DaemonModel model : stopping()) {
                if (model.killedAt.isEmpty() && graceIsOver(model)) {
                    killRound("grace (" + model.graceText + ") elapsed", List.of(model));
                }
            }
            return;
        }
        if (halfTheGraceIsOver()) {
            stopAll();
        }
        Map<String, List<DaemonModel>> rounds = new LinkedHashMap<>();
        for (DaemonModel model : stopping()) {
            if (model.killedAt.isPresent()) {
                if (now >= model.killedAt.get() + GIVE_UP) {
                    due.line("SIGKILL does not end " + model.name() + "; leaving without it");
                    model.place = DaemonModel.Place.EXITED;
                    model.groupLeft = false;
                }
            } else if (graceIsOver(model)) {
                boolean own = model.signalledAt + model.grace <= graceEnd();
                String text = own ? model.graceText : graceText;
                rounds.computeIfAbsent(text, _ -> new ArrayList<>()).add(model);
            }
        }
        stopTheFree();
        rounds.forEach((text, round) -> killRound("grace (" + text + ") elapsed", round));
        patienceOver |= now >= graceEnd();
    }

    private void killRound(String reason, List<DaemonModel> round) {
        if (!round.isEmpty()) {
            due.line(reason + "; SIGKILL on "
                    + String.join(", ", round.stream().map(DaemonModel::name).toList()));
            round.forEach(this::kill);
        }
    }

    private void kill(DaemonModel model) {
        model.killedAt = Optional.of(now);
        due.signal(model.name(), Signal.KILL);
    }

    private List<DaemonModel> stopping() {
        return models.stream()
                .filter(model -> model.place == DaemonModel.Place.STOPPING)
                .toList();
    }

    /** When a daemon that is not down is next dealt with; empty: time changes nothing. */
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
