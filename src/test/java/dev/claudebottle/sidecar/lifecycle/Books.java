package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The books of one bundle in a {@link History}: what the contract makes of each event. */
final class Books {

    private static final long SECOND = 1_000_000_000L;
    private static final long GIVE_UP = SECOND / 2;
    private static final String LEAVE_CLAUSE =
            "; leaving surviving daemons running (operator-visible via agent-side failure)";

    final List<Ledger> ledgers;
    final Told.Kinds due = new Told.Kinds();
    final StopBooks stop;
    boolean over;

    private final Bundle bundle;
    private Optional<Integer> causeCode = Optional.empty();
    private long now;
    private Map<String, Duration> delays = Map.of();

    Books(Bundle bundle) {
        this.bundle = bundle;
        ledgers = bundle.daemons().stream()
                .map(daemon -> new Ledger(bundle, daemon))
                .toList();
        stop = new StopBooks(bundle, ledgers, due);
    }

    /** @param actualDelays of the restarts in this step: random, so only their bounds are known */
    void enter(Event event, long at, Map<String, Duration> actualDelays) {
        now = at;
        stop.now = at;
        delays = actualDelays;
        due.clear();
        if (stop.since.isEmpty()) {
            ledgers.forEach(ledger -> ledger.settle(now));
        }
        switch (event) {
            case Event.Begin _ -> {
                due.notice("bundle.started");
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
        over = ledgers.stream().allMatch(ledger -> stopping ? ledger.isDown() : ledger.place == Ledger.Place.EXITED);
        if (over) {
            int highest = ledgers.stream().mapToInt(ledger -> ledger.code).max().orElse(0);
            due.leave(causeCode.orElse(highest));
        }
    }

    boolean ready() {
        return stop.since.isEmpty()
                && !over
                && ledgers.stream().allMatch(ledger -> ledger.place == Ledger.Place.READY && !ledger.looping);
    }

    private void startNext() {
        if (stop.since.isPresent() || any(ledger -> ledger.place == Ledger.Place.LAUNCHING)) {
            return;
        }
        ledgers.stream()
                .filter(ledger -> ledger.place == Ledger.Place.WAITING)
                .filter(ledger -> ledgers.stream()
                        .filter(other -> ledger.daemon.dependsOn().contains(other.name()))
                        .allMatch(other -> other.everReady))
                .findFirst()
                .ifPresent(this::launch);
    }

    private void launch(Ledger ledger) {
        ledger.condemned = false;
        ledger.killedAt = Optional.empty();
        ledger.place = Ledger.Place.LAUNCHING;
        ledger.starts++;
        ledger.unready = 0;
        ledger.notAlive = 0;
        ledger.groupLeft = false;
        due.line("starting " + ledger.name());
        due.start(ledger.name());
    }

    private void started(Ledger ledger, int pid) {
        ledger.place = Ledger.Place.STARTING;
        ledger.startWasReady = false;
        ledger.pid = pid;
        ledger.startedAt = Ledger.moment(now);
        due.notice("daemon.started", ledger);
        if (stop.since.isPresent()) {
            stop.started(ledger);
            return;
        }
        if (ledger.daemon.readiness().isPresent()) {
            due.probe("ask " + ledger.name() + " for READINESS of start " + ledger.starts);
        } else {
            ready(ledger);
        }
        startNext();
    }

    private void ready(Ledger ledger) {
        ledger.place = Ledger.Place.READY;
        ledger.everReady = true;
        ledger.readySince = now;
        if (ledger.gapSince.isPresent()) {
            long length = now - ledger.gapSince.get();
            ledger.closedGaps += length;
            ledger.gapSince = Optional.empty();
            due.line(ledger.name() + " is ready again after " + seconds(length));
            due.notice("daemon.ready", ledger);
            due.notice("daemon.recovered", ledger, ", gap of " + length / 1_000_000 + " ms");
        } else {
            if (ledger.daemon.readiness().isPresent()) {
                due.line(ledger.name() + " is ready");
            }
            due.notice("daemon.ready", ledger);
        }
        if (ledger.daemon.liveness().isPresent() && !ledger.startWasReady) {
            due.probe("ask " + ledger.name() + " for LIVENESS of start " + ledger.starts);
        }
        ledger.startWasReady = true;
        startNext();
    }

    private void startFailed(Ledger ledger, Event.StartFailed failed) {
        ledger.lastExit = new LastExit(failed.code(), null, Ledger.moment(now), failed.error(), null);
        ledger.code = failed.code();
        String line = "cannot start " + ledger.name() + ": " + failed.subject() + ": " + failed.error();
        if (stop.since.isPresent()) {
            ledger.place = Ledger.Place.EXITED;
            due.line(line);
            due.notice("daemon.exited", ledger);
            stop.stopTheFree();
        } else {
            ledger.startFailures++;
            died(ledger, line, false);
            startNext();
        }
    }

    private void exited(Ledger ledger, Event.Exited exited) {
        boolean stopping = stop.since.isPresent();
        ledger.code = ledger.countsAs(exited.status(), stopping);
        boolean killed = exited.status() instanceof ExitStatus.Killed;
        String signal = exited.status() instanceof ExitStatus.Killed(Signal by, boolean _) ? by.toString() : null;
        int number = exited.status() instanceof ExitStatus.Killed(Signal by, boolean _)
                ? 128 + by.number()
                : ((ExitStatus.Code) exited.status()).code();
        ledger.lastExit = new LastExit(number, signal, Ledger.moment(now), null, exited.oomKilled());
        String line = ledger.name() + " exited with code " + number + (killed ? " (" + signal + ")" : "");
        boolean ran = ledger.runs();
        if (ran) {
            due.probe("ask " + ledger.name() + " no more");
        }
        if (!stopping) {
            ledger.exits += ran && !killed ? 1 : 0;
            ledger.signals += ran && killed ? 1 : 0;
            ledger.livenessKills += ran ? 0 : 1;
            died(ledger, line, exited.groupLeft());
            return;
        }
        due.line(line);
        if (ran && exited.groupLeft()) {
            stop.stopOne(ledger, false);
        }
        ledger.alive = false;
        boolean left = exited.groupLeft() && ledger.place == Ledger.Place.STOPPING;
        ledger.groupLeft = left;
        ledger.place = left ? Ledger.Place.STOPPING : Ledger.Place.EXITED;
        due.notice("daemon.exited", ledger);
        stop.stopTheFree();
    }

    private void died(Ledger ledger, String line, boolean groupLeft) {
        ledger.openGap(now);
        boolean loops = ledger.policy == FailurePolicy.RESTART && ledger.countDeath(now);
        if (ledger.consequence() == FailurePolicy.RESTART) {
            Duration delay = delays.get(ledger.name());
            double exact = ledger.delay();
            if (delay == null || delay.toNanos() < exact * 0.9 - 1 || delay.toNanos() > exact * 1.1 + 1) {
                throw new AssertionError(ledger.name() + " restarts after " + delay + " instead of about " + exact);
            }
            ledger.restartsInARow++;
            ledger.place = Ledger.Place.BACKOFF;
            ledger.nextStart = now + delay.toNanos();
            ledger.groupLeft = groupLeft;
            due.line(line + "; restarting in " + seconds(delay.toNanos()));
            due.notice("daemon.exited", ledger);
            sayLooping(ledger, loops);
            due.notice("daemon.restarting", ledger, ", next start in " + delay.toMillis() + " ms");
            if (now >= nextStart(ledger)) {
                launch(ledger);
            }
            return;
        }
        boolean waitsForGroup = ledger.place == Ledger.Place.STOPPING && groupLeft;
        ledger.alive = false;
        ledger.groupLeft = groupLeft;
        ledger.place = waitsForGroup ? Ledger.Place.STOPPING : Ledger.Place.EXITED;
        boolean leave = ledger.consequence() == FailurePolicy.LEAVE;
        due.line(line + (leave ? LEAVE_CLAUSE : "; shutting down the bundle"));
        due.notice("daemon.exited", ledger);
        sayLooping(ledger, loops);
        if (leave) {
            giveUpWaitingFor(ledger);
        } else {
            causeCode = Optional.of(ledger.code);
            stop.stop(ledger.name() + " exited");
        }
    }

    private void sayLooping(Ledger ledger, boolean loops) {
        if (loops) {
            due.line(ledger.name() + " is crash-looping (" + ledger.rules.crashLoopDeaths() + " deaths in "
                    + ledger.rules.crashLoopWindow().text() + ")");
            due.notice("daemon.crash-looping", ledger);
        }
    }

    private void giveUpWaitingFor(Ledger dependency) {
        for (Ledger ledger : ledgers) {
            if (!dependency.everReady
                    && ledger.place == Ledger.Place.WAITING
                    && ledger.daemon.dependsOn().contains(dependency.name())) {
                ledger.place = Ledger.Place.EXITED;
                due.line(ledger.name() + " is not started: " + dependency.name() + " exited");
                giveUpWaitingFor(ledger);
            }
        }
    }

    private void groupEmptied(Ledger ledger) {
        boolean watched = ledger.groupLeft;
        ledger.groupLeft = false;
        if (ledger.place == Ledger.Place.STOPPING || ledger.place == Ledger.Place.EXITED) {
            ledger.place = Ledger.Place.EXITED;
            stop.stopTheFree();
        } else if (ledger.place == Ledger.Place.BACKOFF && watched && now >= ledger.nextStart) {
            launch(ledger);
        }
    }

    private void probed(Ledger ledger, Event.Probed probed) {
        if (!ledger.runs() || stop.since.isPresent() || probed.start() != ledger.starts) {
            return;
        }
        boolean passed = probed.failure().isEmpty();
        if (probed.kind() == ProbeKind.LIVENESS) {
            ledger.notAlive = passed ? 0 : ledger.notAlive + 1;
            if (ledger.notAlive == ledger.daemon.liveness().orElseThrow().failureThreshold()) {
                ledger.openGap(now);
                due.line(ledger.name() + " failed its liveness probe " + ledger.notAlive
                        + " times: "
                        + probed.failure().get() + "; stopping it");
                due.probe("ask " + ledger.name() + " no more");
                stop.stopOne(ledger, true);
            }
            return;
        }
        ledger.unready = passed ? 0 : ledger.unready + 1;
        if (passed && ledger.place == Ledger.Place.STARTING) {
            ready(ledger);
        } else if (ledger.place == Ledger.Place.READY
                && ledger.unready == ledger.daemon.readiness().orElseThrow().failureThreshold()) {
            ledger.place = Ledger.Place.STARTING;
            ledger.openGap(now);
            due.line(ledger.name() + " is not ready: " + probed.failure().get());
            due.notice("daemon.unready", ledger);
        }
    }

    private void hangUp() {
        for (String name : bundle.forwardHup()) {
            ledgers.stream()
                    .filter(ledger -> ledger.name().equals(name) && ledger.hasPid())
                    .forEach(ledger -> due.signal(ledger.name(), Signal.HUP));
        }
    }

    private void startTheDue() {
        for (Ledger ledger : ledgers) {
            if (ledger.place == Ledger.Place.BACKOFF && now >= nextStart(ledger)) {
                launch(ledger);
            }
        }
    }

    /** Empty: nobody waits for time. */
    Optional<Long> deadline() {
        return over
                ? Optional.empty()
                : ledgers.stream().map(this::deadline).flatMap(Optional::stream).min(Long::compare);
    }

    private Optional<Long> deadline(Ledger ledger) {
        boolean settles = ledger.restartsInARow > 0 || ledger.looping;
        return switch (ledger.place) {
            case BACKOFF -> Optional.of(nextStart(ledger));
            case READY -> stop.since.isEmpty() && settles ? Optional.of(ledger.stableAt()) : stop.deadline(ledger);
            case STARTING, STOPPING -> stop.deadline(ledger);
            case EXITED -> ledger.groupLeft ? stop.deadline(ledger) : Optional.empty();
            case WAITING, LAUNCHING -> Optional.empty();
        };
    }

    private static long nextStart(Ledger ledger) {
        return ledger.nextStart + (ledger.groupLeft ? GIVE_UP : 0);
    }

    private boolean any(Predicate<Ledger> condition) {
        return ledgers.stream().anyMatch(condition);
    }

    Ledger find(String name) {
        return ledgers.get(Integer.parseInt(name.substring(1)));
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
