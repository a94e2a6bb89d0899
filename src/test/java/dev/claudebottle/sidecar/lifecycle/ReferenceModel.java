package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What the contract expects of one bundle in a {@link Simulation}: the effects of each event and the next state. */
final class ReferenceModel {

    private static final long SECOND = 1_000_000_000L;
    private static final long GIVE_UP = SECOND / 2;
    private static final String LEAVE_CLAUSE =
            "; leaving surviving daemons running (operator-visible via agent-side failure)";

    final List<DaemonModel> models;
    final EffectFormatter.Kinds expected = new EffectFormatter.Kinds();
    final StopModel stop;
    boolean over;

    private final Bundle bundle;
    private Optional<Integer> teardownCode = Optional.empty();
    private long now;
    private Map<String, Duration> delays = Map.of();

    ReferenceModel(Bundle bundle) {
        this.bundle = bundle;
        models = bundle.daemons().stream()
                .map(daemon -> new DaemonModel(bundle, daemon))
                .toList();
        stop = new StopModel(bundle, models, expected);
    }

    /** @param actualDelays of the restarts in this step; they are random, and the model checks their bounds */
    void apply(Event event, long at, Map<String, Duration> actualDelays) {
        now = at;
        stop.now = at;
        delays = actualDelays;
        expected.clear();
        if (stop.since.isEmpty()) {
            models.forEach(model -> model.resetIfStable(now));
        }
        switch (event) {
            case Event.Begin _ -> {
                models.stream()
                        .filter(model -> !missingDependencies(model).isEmpty())
                        .forEach(model -> model.beginToWait(now));
                expected.notification("bundle.started");
                startNext();
            }
            case Event.Started(String name, int pid) -> started(find(name), pid);
            case Event.StartFailed failed -> startFailed(find(failed.daemon()), failed);
            case Event.Exited exited -> exited(find(exited.daemon()), exited);
            case Event.SessionEmptied(String name) -> sessionEmptied(find(name));
            case Event.Probed probed -> probed(find(probed.daemon()), probed);
            case Event.NotProbed notProbed -> notProbed(find(notProbed.daemon()), notProbed);
            case Event.Resumed(Duration pause) -> {
                stop.resumed(pause.toNanos());
                if (stop.since.isEmpty()) {
                    models.forEach(model -> model.waitsSince = model.waitsSince.map(since -> since + pause.toNanos()));
                }
            }
            case Event.OutputHeld(String name) -> outputHeld(find(name));
            case Event.OutputReleased(String name) -> {
                find(name).outputHeld = false;
                if (stop.since.isEmpty()) {
                    restartIfDue(find(name));
                }
            }
            case Event.StopRequested(Signal signal) -> stop.stopRequested(signal);
            case Event.RestartRequested(String name) -> restartRequested(find(name));
            case Event.HangUp _ -> hangUp();
            case Event.TimePassed _ -> {
                stop.timePassed();
                restartDue();
                if (stop.since.isEmpty()) {
                    models.forEach(this::sayWhatIsLate);
                }
            }
        }
        boolean stopping = stop.since.isPresent();
        over = models.stream().allMatch(model -> stopping ? model.isDown() : model.state == DaemonModel.State.EXITED);
        if (over) {
            int highest = models.stream().mapToInt(model -> model.code).max().orElse(0);
            expected.leave(teardownCode.orElse(highest));
        }
    }

    boolean ready() {
        return stop.since.isEmpty()
                && !over
                && models.stream().allMatch(model -> model.state == DaemonModel.State.READY && !model.crashLooping);
    }

    private void startNext() {
        if (stop.since.isPresent() || any(model -> model.state == DaemonModel.State.LAUNCHING)) {
            return;
        }
        models.stream()
                .filter(model -> model.state == DaemonModel.State.WAITING)
                .filter(model -> missingDependencies(model).isEmpty())
                .findFirst()
                .ifPresent(this::launch);
    }

    private List<String> missingDependencies(DaemonModel model) {
        return models.stream()
                .filter(other -> model.daemon.dependsOn().contains(other.name()) && !other.everReady)
                .map(DaemonModel::name)
                .toList();
    }

    private void sayWhatIsLate(DaemonModel model) {
        if (model.nextSaid().isEmpty() || now < model.nextSaid().get()) {
            return;
        }
        long seconds = model.saidNextAfter;
        while (now - model.waitsSince.orElseThrow() >= 2 * seconds * SECOND) {
            seconds *= 2;
        }
        model.saidNextAfter = 2 * seconds;
        if (model.state == DaemonModel.State.STARTING) {
            String cause = model.readiness
                    .map(answer -> answer.failure().orElseThrow())
                    .orElse("its readiness probe has not been answered");
            expected.line(model.name() + " is not ready yet after " + seconds + " s: " + cause);
            expected.notification("daemon.unready", model);
        } else if (!missingDependencies(model).isEmpty()) {
            expected.line(model.name() + " waits for " + String.join(", ", missingDependencies(model)));
        }
    }

    private void launch(DaemonModel model) {
        model.failedLiveness = false;
        model.restartAsked = false;
        model.killedAt = Optional.empty();
        model.state = DaemonModel.State.LAUNCHING;
        model.starts++;
        model.readinessFailures = 0;
        model.livenessFailures = 0;
        model.readiness = Optional.empty();
        model.liveness = Optional.empty();
        model.saidNotProbed.clear();
        model.sessionLeft = false;
        expected.line("starting " + model.name());
        expected.start(model.name());
    }

    private void started(DaemonModel model, int pid) {
        model.state = DaemonModel.State.STARTING;
        model.wasReady = false;
        model.pid = pid;
        model.startedAt = DaemonModel.timestamp(now);
        model.beginToWait(now);
        expected.notification("daemon.started", model);
        if (stop.since.isPresent()) {
            stop.started(model);
            return;
        }
        if (model.daemon.readiness().isPresent()) {
            expected.probe("probe " + model.name() + " for readiness of start " + model.starts);
        } else {
            ready(model);
        }
        startNext();
    }

    private void ready(DaemonModel model) {
        model.state = DaemonModel.State.READY;
        model.everReady = true;
        model.readySince = now;
        if (model.gapSince.isPresent()) {
            long length = now - model.gapSince.get();
            String planned = model.gapPlanned ? ", planned" : "";
            model.closeGap(now);
            expected.line(model.name() + " is ready again after " + seconds(length));
            expected.notification("daemon.ready", model);
            expected.notification("daemon.recovered", model, ", gap of " + length / 1_000_000 + " ms" + planned);
        } else {
            if (model.daemon.readiness().isPresent()) {
                expected.line(model.name() + " is ready");
            }
            expected.notification("daemon.ready", model);
        }
        if (model.daemon.liveness().isPresent() && !model.wasReady) {
            expected.probe("probe " + model.name() + " for liveness of start " + model.starts);
        }
        model.wasReady = true;
        startNext();
    }

    private void startFailed(DaemonModel model, Event.StartFailed failed) {
        model.lastExit =
                new LastExit(failed.code(), null, ExitReason.START, DaemonModel.timestamp(now), failed.error(), null);
        model.code = failed.code();
        String line = "cannot start " + model.name() + ": " + failed.subject() + ": " + failed.error();
        if (stop.since.isPresent()) {
            model.state = DaemonModel.State.EXITED;
            expected.line(line);
            expected.notification("daemon.exited", model);
            stop.stopUnneeded();
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
        boolean liveness = model.state == DaemonModel.State.STOPPING && model.failedLiveness;
        ExitReason reason = liveness ? ExitReason.LIVENESS : killed ? ExitReason.SIGNAL : ExitReason.EXIT;
        model.lastExit = new LastExit(number, signal, reason, DaemonModel.timestamp(now), null, exited.oomKilled());
        String memory = Boolean.TRUE.equals(exited.oomKilled()) ? ", out of memory" : "";
        String line = model.name() + " exited with code " + number + (killed ? " (" + signal + memory + ")" : "");
        boolean ran = model.runs();
        if (ran) {
            expected.probe("stop probes of " + model.name());
        }
        if (!stopping) {
            model.exits += ran && !killed ? 1 : 0;
            model.signals += ran && killed ? 1 : 0;
            model.livenessKills += ran || model.endsAsPlanned() ? 0 : 1;
            if (!ran && model.restartAsked) {
                endedForRestart(model, line, exited.sessionLeft());
            } else {
                died(model, line, exited.sessionLeft());
            }
            return;
        }
        expected.line(line);
        if (ran && exited.sessionLeft()) {
            stop.stop(model, false);
        }
        model.alive = false;
        boolean left = exited.sessionLeft() && model.state == DaemonModel.State.STOPPING;
        model.sessionLeft = left;
        model.state = left ? DaemonModel.State.STOPPING : DaemonModel.State.EXITED;
        expected.notification("daemon.exited", model);
        stop.stopUnneeded();
    }

    private void restartRequested(DaemonModel model) {
        boolean waits = model.state == DaemonModel.State.WAITING
                || model.starts == 0 && !missingDependencies(model).isEmpty();
        boolean underWay = model.state == DaemonModel.State.LAUNCHING
                || model.state == DaemonModel.State.STOPPING && model.restartAsked
                || model.state == DaemonModel.State.BACKOFF && now >= model.nextStart;
        if (stop.since.isPresent() || waits || underWay) {
            return;
        }
        model.everRestarted = true;
        expected.line("restarting " + model.name() + " (asked for)");
        if (model.runs()) {
            expected.probe("stop probes of " + model.name());
            model.openPlannedGap(now);
            stop.stop(model, false);
        } else if (model.state == DaemonModel.State.EXITED && model.sessionLeft) {
            stop.stop(model, false);
        } else if (model.state != DaemonModel.State.STOPPING || !model.alive && model.killedAt.isPresent()) {
            model.nextStart = now;
            model.state = DaemonModel.State.BACKOFF;
        }
        model.restartAsked = true;
        expected.notification("daemon.restarting", model, ", planned");
        restartIfDue(model);
    }

    private void endedForRestart(DaemonModel model, String line, boolean sessionLeft) {
        boolean death = model.failedLiveness;
        boolean newlyLooping = false;
        if (death) {
            model.openGap(now);
            newlyLooping = model.policy == FailurePolicy.RESTART && model.countDeath(now);
        }
        model.alive = false;
        model.sessionLeft = sessionLeft;
        if (!sessionLeft || model.killedAt.isPresent()) {
            model.state = DaemonModel.State.BACKOFF;
            model.nextStart = now;
        }
        expected.line(line);
        expected.notification("daemon.exited", model, death ? "" : ", planned");
        reportCrashLoop(model, newlyLooping);
        restartIfDue(model);
    }

    private void died(DaemonModel model, String line, boolean sessionLeft) {
        model.openGap(now);
        boolean newlyLooping = model.policy == FailurePolicy.RESTART && model.countDeath(now);
        if (model.consequence() == FailurePolicy.RESTART) {
            Duration delay = delays.get(model.name());
            double exact = model.delay();
            if (delay == null || delay.toNanos() < exact * 0.9 - 1 || delay.toNanos() > exact * 1.1 + 1) {
                throw new AssertionError(model.name() + " restarts after " + delay + " instead of about " + exact);
            }
            model.consecutiveRestarts++;
            model.state = DaemonModel.State.BACKOFF;
            model.nextStart = now + delay.toNanos();
            model.sessionLeft = sessionLeft;
            expected.line(line + "; restarting in " + seconds(delay.toNanos()));
            expected.notification("daemon.exited", model);
            reportCrashLoop(model, newlyLooping);
            expected.notification("daemon.restarting", model, ", next start in " + delay.toMillis() + " ms");
            restartIfDue(model);
            return;
        }
        boolean waitsForSession = model.state == DaemonModel.State.STOPPING && sessionLeft;
        model.alive = false;
        model.sessionLeft = sessionLeft;
        model.state = waitsForSession ? DaemonModel.State.STOPPING : DaemonModel.State.EXITED;
        boolean leave = model.consequence() == FailurePolicy.LEAVE;
        expected.line(line + (leave ? LEAVE_CLAUSE : "; shutting down the bundle"));
        expected.notification("daemon.exited", model);
        reportCrashLoop(model, newlyLooping);
        if (leave) {
            exitDependents(model);
        } else {
            teardownCode = Optional.of(model.code);
            stop.stop(model.name() + " exited");
        }
    }

    private void reportCrashLoop(DaemonModel model, boolean newlyLooping) {
        if (newlyLooping) {
            expected.line(model.name() + " is crash-looping (" + model.rules.crashLoopDeaths() + " deaths in "
                    + model.rules.crashLoopWindow().text() + ")");
            expected.notification("daemon.crash-looping", model);
        }
    }

    private void exitDependents(DaemonModel dependency) {
        for (DaemonModel model : models) {
            if (!dependency.everReady
                    && model.state == DaemonModel.State.WAITING
                    && model.daemon.dependsOn().contains(dependency.name())) {
                model.state = DaemonModel.State.EXITED;
                expected.line(model.name() + " is not started: " + dependency.name() + " exited");
                exitDependents(model);
            }
        }
    }

    private void sessionEmptied(DaemonModel model) {
        boolean watched = model.sessionLeft;
        model.sessionLeft = false;
        if (model.state == DaemonModel.State.STOPPING && model.restartAsked && stop.since.isEmpty()) {
            model.state = DaemonModel.State.BACKOFF;
            model.nextStart = now;
            restartIfDue(model);
        } else if (model.state == DaemonModel.State.STOPPING || model.state == DaemonModel.State.EXITED) {
            model.state = DaemonModel.State.EXITED;
            stop.stopUnneeded();
        } else if (watched) {
            restartIfDue(model);
        }
    }

    private void probed(DaemonModel model, Event.Probed probed) {
        if (!model.runs() || stop.since.isPresent() || probed.start() != model.starts) {
            return;
        }
        model.saidNotProbed.remove(probed.kind());
        boolean passed = probed.failure().isEmpty();
        Optional<ProbeAnswer> answer = Optional.of(new ProbeAnswer(probed.failure(), DaemonModel.timestamp(now)));
        switch (probed.kind()) {
            case READINESS -> model.readiness = answer;
            case LIVENESS -> model.liveness = answer;
        }
        if (probed.kind() == ProbeKind.LIVENESS) {
            model.livenessFailures = passed ? 0 : model.livenessFailures + 1;
            if (model.livenessFailures == model.daemon.liveness().orElseThrow().failureThreshold()) {
                model.openGap(now);
                expected.line(model.name() + " failed its liveness probe " + model.livenessFailures
                        + " times: "
                        + probed.failure().get() + "; stopping it");
                expected.probe("stop probes of " + model.name());
                stop.stop(model, true);
            }
            return;
        }
        model.readinessFailures = passed ? 0 : model.readinessFailures + 1;
        if (passed && model.state == DaemonModel.State.STARTING) {
            ready(model);
        } else if (model.state == DaemonModel.State.READY
                && model.readinessFailures
                        == model.daemon.readiness().orElseThrow().failureThreshold()) {
            model.state = DaemonModel.State.STARTING;
            model.openGap(now);
            expected.line(model.name() + " is not ready: " + probed.failure().get());
            expected.notification("daemon.unready", model);
        }
    }

    private void notProbed(DaemonModel model, Event.NotProbed notProbed) {
        boolean current = model.runs() && stop.since.isEmpty() && notProbed.start() == model.starts;
        if (current && model.saidNotProbed.add(notProbed.kind())) {
            expected.line("cannot probe " + model.name() + ": " + notProbed.cause() + "; trying again");
        }
    }

    private void hangUp() {
        for (String name : bundle.forwardHup()) {
            models.stream()
                    .filter(model -> model.name().equals(name) && model.hasPid())
                    .forEach(model -> expected.signal(model.name(), Signal.HUP));
        }
    }

    private void restartDue() {
        models.forEach(this::restartIfDue);
    }

    private void restartIfDue(DaemonModel model) {
        if (model.state == DaemonModel.State.BACKOFF && !model.outputHeld && now >= nextStart(model)) {
            launch(model);
        }
    }

    private void outputHeld(DaemonModel model) {
        model.outputHeld = true;
        if (stop.since.isEmpty() && model.state != DaemonModel.State.EXITED) {
            expected.line("the next start of " + model.name() + " waits until its output has been read");
        }
    }

    /** Empty: no deadline is set. */
    Optional<Long> deadline() {
        return over
                ? Optional.empty()
                : models.stream().map(this::deadline).flatMap(Optional::stream).min(Long::compare);
    }

    private Optional<Long> deadline(DaemonModel model) {
        boolean canReset = model.consecutiveRestarts > 0 || model.crashLooping;
        return switch (model.state) {
            case BACKOFF -> model.outputHeld ? Optional.empty() : Optional.of(nextStart(model));
            case READY -> stop.since.isEmpty() && canReset ? Optional.of(model.stableAt()) : stop.deadline(model);
            case STARTING -> stop.since.isEmpty() ? model.nextSaid() : stop.deadline(model);
            case STOPPING -> stop.deadline(model);
            case EXITED -> model.sessionLeft ? stop.deadline(model) : Optional.empty();
            case WAITING -> model.nextSaid();
            case LAUNCHING -> Optional.empty();
        };
    }

    private static long nextStart(DaemonModel model) {
        return model.nextStart + (model.sessionLeft ? GIVE_UP : 0);
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
