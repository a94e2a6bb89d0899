package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The books of stops in a {@link History}: of the bundle, and of single daemons for their liveness. */
final class StopBooks {

    private static final long SECOND = 1_000_000_000L;
    private static final long GIVE_UP = SECOND / 2;

    Optional<Long> since = Optional.empty();
    boolean patienceOver;
    long now;

    private final List<Ledger> ledgers;
    private final Told.Kinds due;
    private final String graceText;
    private final long grace;
    private Optional<Long> firstSignal = Optional.empty();

    StopBooks(Bundle bundle, List<Ledger> ledgers, Told.Kinds due) {
        this.ledgers = ledgers;
        this.due = due;
        graceText = bundle.stopGracePeriod().text();
        grace = bundle.stopGracePeriod().duration().toNanos();
    }

    boolean graceIsOver(Ledger ledger) {
        return now >= ledger.signalledAt + ledger.grace || since.isPresent() && now >= graceEnd();
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
        due.notice("bundle.stopping");
        for (Ledger ledger : ledgers) {
            if (ledger.place == Ledger.Place.WAITING || ledger.place == Ledger.Place.BACKOFF) {
                ledger.place = Ledger.Place.EXITED;
                // has got SIGKILL before a restart; nobody waits for that any more
                ledger.groupLeft = false;
            } else if (ledger.runs()) {
                due.probe("ask " + ledger.name() + " no more");
            }
        }
        stopTheFree();
    }

    void stopTheFree() {
        for (Ledger ledger : ledgers) {
            boolean held = ledgers.stream()
                    .anyMatch(
                            other -> !other.isDown() && other.daemon.dependsOn().contains(ledger.name()));
            if (since.isPresent() && ledger.needsStopSignal() && !held) {
                stopOne(ledger, false);
            }
        }
    }

    private void stopAll() {
        ledgers.stream().filter(Ledger::needsStopSignal).forEach(ledger -> stopOne(ledger, false));
    }

    void stopOne(Ledger ledger, boolean condemned) {
        ledger.alive = ledger.runs();
        ledger.place = Ledger.Place.STOPPING;
        ledger.condemned = condemned;
        ledger.signalledAt = now;
        ledger.killedAt = Optional.empty();
        due.signal(ledger.name(), ledger.daemon.stopSignal());
        due.signal(ledger.name(), Signal.CONT);
    }

    void started(Ledger ledger) {
        if (patienceOver) {
            stopOne(ledger, false);
            kill(ledger);
        } else if (halfTheGraceIsOver()) {
            stopOne(ledger, false);
        } else {
            stopTheFree();
        }
    }

    void timePassed() {
        if (since.isEmpty()) {
            for (Ledger ledger : stopping()) {
                if (ledger.killedAt.isEmpty() && graceIsOver(ledger)) {
                    killRound("grace (" + ledger.graceText + ") elapsed", List.of(ledger));
                }
            }
            return;
        }
        if (halfTheGraceIsOver()) {
            stopAll();
        }
        Map<String, List<Ledger>> rounds = new LinkedHashMap<>();
        for (Ledger ledger : stopping()) {
            if (ledger.killedAt.isPresent()) {
                if (now >= ledger.killedAt.get() + GIVE_UP) {
                    due.line("SIGKILL does not end " + ledger.name() + "; leaving without it");
                    ledger.place = Ledger.Place.EXITED;
                    ledger.groupLeft = false;
                }
            } else if (graceIsOver(ledger)) {
                boolean own = ledger.signalledAt + ledger.grace <= graceEnd();
                String text = own ? ledger.graceText : graceText;
                rounds.computeIfAbsent(text, _ -> new ArrayList<>()).add(ledger);
            }
        }
        stopTheFree();
        rounds.forEach((text, round) -> killRound("grace (" + text + ") elapsed", round));
        patienceOver |= now >= graceEnd();
    }

    private void killRound(String reason, List<Ledger> round) {
        if (!round.isEmpty()) {
            due.line(reason + "; SIGKILL on "
                    + String.join(", ", round.stream().map(Ledger::name).toList()));
            round.forEach(this::kill);
        }
    }

    private void kill(Ledger ledger) {
        ledger.killedAt = Optional.of(now);
        due.signal(ledger.name(), Signal.KILL);
    }

    private List<Ledger> stopping() {
        return ledgers.stream()
                .filter(ledger -> ledger.place == Ledger.Place.STOPPING)
                .toList();
    }

    /** When a daemon that is not down is next dealt with; empty: time changes nothing. */
    Optional<Long> deadline(Ledger ledger) {
        if (ledger.needsStopSignal()) {
            return since.map(at -> at + grace / 2);
        }
        if (since.isEmpty()) {
            return ledger.killedAt.isPresent() ? Optional.empty() : Optional.of(ledger.signalledAt + ledger.grace);
        }
        return Optional.of(ledger.killedAt
                .map(at -> at + GIVE_UP)
                .orElse(Math.min(ledger.signalledAt + ledger.grace, graceEnd())));
    }
}
