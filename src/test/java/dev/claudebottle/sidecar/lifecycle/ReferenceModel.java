package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The books of one bundle in a {@link Simulation}: what the contract makes of each event. */
final class ReferenceModel {

    private static final long SECOND = 1_000_000_000L;
    private static final long GIVE_UP = SECOND / 2;
    private static final String LEAVE_CLAUSE =
            "; leaving surviving daemons running (operator-visible via agent-side failure)";

    final List<DaemonModel> models;
    final EffectFormatter.Kinds due = new EffectFormatter.Kinds();
    final StopModel stop;
    boolean over;

    private final Bundle bundle;
    private Optional<Integer> causeCode = Optional.empty();
    private long now;
    private Map<String, Duration> delays = Map.of();

    ReferenceModel(Bundle bundle) {
        this.bundle = bundle;
        models = bundle.daemons().stream()
                .map(daemon -> new DaemonModel(bundle, daemon))
                .toList();
        stop = new StopModel(bundle, models, due);
    }

    /** @param actualDelays of the restarts in this step: random, so only their bounds are known */
    void enter(Event event, long at, Map<String, Duration> actualDelays) {
        now = at;
        stop.now = at;
        delays = actualDelays;
        due.clear();
        if (stop.since.isEmpty()) {
            models.forEach(model -> model.settle(now));
        }
        switch (event) {
            case Event.Begin _ -> {
                due.notification("bundle.started");
                startNext();
            }
            case Event.Started(String name, int pid) -> started(find(name), pid);
            case Event.StartFailed failed -> startFailed(find(failed.daemon()), failed);
            case Event.Exited exited -> exited(find(exited.daemon()), exited);
            case Event.GroupEmptied(String name) -> groupEmptied(find(name));
            case Event.Probed probed -> probed(find(probed.daemon()), probed);
            case Event.StopRequested(Signal signal) -> stop.stopRequested(signal);
            case Event.HangUp _ -> hangUp();
            case Event.TimePassed _ -> {
                stop.timePassed();
                startTheDue();
            }
        }
        boolean stopping = stop.since.isPresent();
        over = models.stream().allMatch(model -> stopping ? model.isDown() : model.place == DaemonModel.Place.EXITED);
        if (over) {
            int highest = models.stream().mapToInt(model -> model.code).max().orElse(0);
            due.leave(causeCode.orElse(highest));
        }
    }

    boolean ready() {
        return stop.since.isEmpty()
                && !over
                && models.stream().allMatch(model -> model.place == DaemonModel.Place.READY && !model.looping);
    }

    private void startNext() {
        if (stop.since.isPresent() || any(model -> model.place == DaemonModel.Place.LAUNCHING)) {
            return;
        }
        models.stream()
                .filter(model -> model.place == DaemonModel.Place.WAITING)
                .filter(model -> models.stream()
                        .filter(other -> model.daemon.dependsOn().contains(other.name()))
                        .allMatch(other -> other.everReady))
                .findFirst()
                .ifPresent(this::launch);
    }

    private void launch(DaemonModel model) {
        model.failedLiveness = false;
        model.killedAt = Optional.empty();
        model.place = DaemonModel.Place.LAUNCHING;
        model.starts++;
        model.unready = 0;
        model.notAlive = 0;
        model.groupLeft = false;
        due.line("starting " + model.name());
        due.start(model.name());
    }

    private void started(DaemonModel model, int pid) {
        model.place = DaemonModel.Place.STARTING;
        model.startWasReady = false;
        model.pid = pid;
        model.startedAt = DaemonModel.timestamp(now);
        due.notification("daemon.started", model);
        if (stop.since.isPresent()) {
            stop.started(model);
            return;
        }
        if (model.daemon.readiness().isPresent()) {
            due.probe("ask " + model.name() + " for READINESS of start " + model.starts);
        } else {
            ready(model);
        }
        startNext();
    }

    private void ready(DaemonModel model) {
        model.place = DaemonModel.Place.READY;
        model.everReady = true;
        model.readySince = now;
        if (model.gapSince.isPresent()) {
            long length = now - model.gapSince.get();
            model.closedGaps += length;
            model.gapSince = Optional.empty();
            due.line(model.name() + " is ready again after " + seconds(length));
            due.notification("daemon.ready", model);
            due.notification("daemon.recovered", model, ", gap of " + length / 1_000_000 + " ms");
        } else {
            if (model.daemon.readiness().isPresent()) {
                due.line(model.name() + " is ready");
            }
            due.notification("daemon.ready", model);
        }
        if (model.daemon.liveness().isPresent() && !model.startWasReady) {
            due.probe("ask " + model.name() + " for LIVENESS of start " + model.starts);
        }
        model.startWasReady = true;
        startNext();
    }

    private void startFailed(DaemonModel model, Event.StartFailed failed) {
        model.lastExit = new LastExit(failed.code(), null, DaemonModel.timestamp(now), failed.error(), null);
        model.code = failed.code();
        String line = "cannot start " + model.name() + ": " + failed.subject() + ": " + failed.error();
        if (stop.since.isPresent()) {
            model.place = DaemonModel.Place.EXITED;
            due.line(line);
            due.notification("daemon.exited", model);
            stop.stopTheFree();
        } else {
            model.startFailures++;
            died(model, line, false);
            startNext();
        }
    }

    private void exited(DaemonModel model, Event.Exited exited) {
        boolean stopping = stop.since.isPresent();
        model.code = model.countsAs(exited.status(), stopping);
        boolean killed = exited.status() instanceof ExitStatus.Killed;
        String signal = exited.status() instanceof ExitStatus.Killed(Signal by, boolean _) ? by.toString() : null;
        int number = exited.status() instanceof ExitStatus.Killed(Signal by, boolean _)
                ? 128 + by.number()
                : ((ExitStatus.Code) exited.status()).code();
        model.lastExit = new LastExit(number, signal, DaemonModel.timestamp(now), null, exited.oomKilled());
        String line = model.name() + " exited with code " + number + (killed ? " (" + signal + ")" : "");
        boolean ran = model.runs();
        if (ran) {
            due.probe("ask " + model.name() + " no more");
        }
        if (!stopping) {
            model.exits += ran && !killed ? 1 : 0;
            model.signals += ran && killed ? 1 : 0;
            model.livenessKills += ran ? 0 : 1;
            died(model, line, exited.groupLeft());
            return;
        }
        due.line(line);
        if (ran && exited.groupLeft()) {
            stop.stopOne(model, false);
        }
        model.alive = false;
        boolean left = exited.groupLeft() && model.place == DaemonModel.Place.STOPPING;
        model.groupLeft = left;
        model.place = left ? DaemonModel.Place.STOPPING : DaemonModel.Place.EXITED;
        due.notification("daemon.exited", model);
        stop.stopTheFree();
    }

    private void died(DaemonModel model, String line, boolean groupLeft) {
        model.openGap(now);
        boolean loops = model.policy == FailurePolicy.RESTART && model.countDeath(now);
        if (model.consequence() == FailurePolicy.RESTART) {
            Duration delay = delays.get(model.name());
            double exact = model.delay();
            if (delay == null || delay.toNanos() < exact * 0.9 - 1 || delay.toNanos() > exact * 1.1 + 1) {
                throw new AssertionError(model.name() + " restarts after " + delay + " instead of about " + exact);
            }
            model.restartsInARow++;
            model.place = DaemonModel.Place.BACKOFF;
            model.nextStart = now + delay.toNanos();
            model.groupLeft = groupLeft;
            due.line(line + "; restarting in " + seconds(delay.toNanos()));
            due.notification("daemon.exited", model);
            reportCrashLoop(model, loops);
            due.notification("daemon.restarting", model, ", next start in " + delay.toMillis() + " ms");
            if (now >= nextStart(model)) {
                launch(model);
            }
            return;
        }
        boolean waitsForGroup = model.place == DaemonModel.Place.STOPPING && groupLeft;
        model.alive = false;
        model.groupLeft = groupLeft;
        model.place = waitsForGroup ? DaemonModel.Place.STOPPING : DaemonModel.Place.EXITED;
        boolean leave = model.consequence() == FailurePolicy.LEAVE;
        due.line(line + (leave ? LEAVE_CLAUSE : "; shutting down the bundle"));
        due.notification("daemon.exited", model);
        reportCrashLoop(model, loops);
        if (leave) {
            giveUpWaitingFor(model);
        } else {
            causeCode = Optional.of(model.code);
            stop.stop(model.name() + " exited");
        }
    }

    private void reportCrashLoop(DaemonModel model, boolean loops) {
        if (loops) {
            due.line(model.name() + " is crash-looping (" + model.rules.crashLoopDeaths() + " deaths in "
                    + model.rules.crashLoopWindow().text() + ")");
            due.notification("daemon.crash-looping", model);
        }
    }

    private void giveUpWaitingFor(DaemonModel dependency) {
        for (DaemonModel model : models) {
            if (!dependency.everReady
                    && model.place == DaemonModel.Place.WAITING
                    && model.daemon.dependsOn().contains(dependency.name())) {
                model.place = DaemonModel.Place.EXITED;
                due.line(model.name() + " is not started: " + dependency.name() + " exited");
                giveUpWaitingFor(model);
            }
        }
    }

    private void groupEmptied(DaemonModel model) {
        boolean watched = model.groupLeft;
        model.groupLeft = false;
        if (model.place == DaemonModel.Place.STOPPING || model.place == DaemonModel.Place.EXITED) {
            model.place = DaemonModel.Place.EXITED;
            stop.stopTheFree();
        } else if (model.place == DaemonModel.Place.BACKOFF && watched && now >= model.nextStart) {
            launch(model);
        }
    }

    private void probed(DaemonModel model, Event.Probed probed) {
        if (!model.runs() || stop.since.isPresent() || probed.start() != model.starts) {
            return;
        }
        boolean passed = probed.failure().isEmpty();
        if (probed.kind() == ProbeKind.LIVENESS) {
            model.notAlive = passed ? 0 : model.notAlive + 1;
            if (model.notAlive == model.daemon.liveness().orElseThrow().failureThreshold()) {
                model.openGap(now);
                due.line(model.name() + " failed its liveness probe " + model.notAlive
                        + " times: "
                        + probed.failure().get() + "; stopping it");
                due.probe("ask " + model.name() + " no more");
                stop.stopOne(model, true);
            }
            return;
        }
        model.unready = passed ? 0 : model.unready + 1;
        if (passed && model.place == DaemonModel.Place.STARTING) {
            ready(model);
        } else if (model.place == DaemonModel.Place.READY
                && model.unready == model.daemon.readiness().orElseThrow().failureThreshold()) {
            model.place = DaemonModel.Place.STARTING;
            model.openGap(now);
            due.line(model.name() + " is not ready: " + probed.failure().get());
            due.notification("daemon.unready", model);
        }
    }

    private void hangUp() {
        for (String name : bundle.forwardHup()) {
            models.stream()
                    .filter(model -> model.name().equals(name) && model.hasPid())
                    .forEach(model -> due.signal(model.name(), Signal.HUP));
        }
    }

    private void startTheDue() {
        for (DaemonModel model : models) {
            if (model.place == DaemonModel.Place.BACKOFF && now >= nextStart(model)) {
                launch(model);
            }
        }
    }

    /** Empty: nobody waits for time. */
    Optional<Long> deadline() {
        return over
                ? Optional.empty()
                : models.stream().map(this::deadline).flatMap(Optional::stream).min(Long::compare);
    }

    private Optional<Long> deadline(DaemonModel model) {
        boolean settles = model.restartsInARow > 0 || model.looping;
        return switch (model.place) {
            case BACKOFF -> Optional.of(nextStart(model));
            case READY -> stop.since.isEmpty() && settles ? Optional.of(model.stableAt()) : stop.deadline(model);
            case STARTING, STOPPING -> stop.deadline(model);
            case EXITED -> model.groupLeft ? stop.deadline(model) : Optional.empty();
            case WAITING, LAUNCHING -> Optional.empty();
        };
    }

    private static long nextStart(DaemonModel model) {
        return model.nextStart + (model.groupLeft ? GIVE_UP : 0);
    }

    private boolean any(Predicate<DaemonModel> condition) {
        return models.stream().anyMatch(condition);
    }

    DaemonModel find(String name) {
        return models.get(Integer.parseInt(name.substring(1)));
    }

    /** One decimal, two below a second, rounded half up. */
    private static String seconds(long nanos) {
        if (nanos >= SECOND) {
            long tenths = (nanos + 50_000_000L) / 100_000_000L;
            return tenths / 10 + "." + tenths % 10 + " s";
        }
        long hundredths = (nanos + 5_000_000L) / 10_000_000L;
        return hundredths / 100 + "." + hundredths / 10 % 10 + hundredths % 10 + " s";
    }
}
