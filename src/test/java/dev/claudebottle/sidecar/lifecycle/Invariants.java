package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/** What holds in every step of an exhaustive search. */
final class Invariants {

    private final World before;
    private final Event event;
    private final List<Effect> effects;
    private final World after;

    private Invariants(World before, Event event, List<Effect> effects, World after) {
        this.before = before;
        this.event = event;
        this.effects = effects;
        this.after = after;
    }

    static void check(World before, Event event, List<Effect> effects, World after) {
        Invariants invariants = new Invariants(before, event, effects, after);
        invariants.phase();
        invariants.deadline();
        invariants.harmlessEvents();
        invariants.readiness();
        for (int i = 0; i < after.daemons().size(); i++) {
            invariants.daemon(
                    before.state().daemons().get(i), after.state().daemons().get(i));
            StateCorrespondence.check(after, i);
            invariants.inPhase(i);
        }
        if (after.state().phase() instanceof Phase.Over) {
            invariants.nothingFollows();
        }
    }

    private void phase() {
        boolean over = after.state().phase() instanceof Phase.Over;
        check(!before.stopping() || !after.running(), "a stop that ends without leaving");
        check(after.running() || over || after.stop().began(), "a stop that is not said");
        check(!after.running() || !after.stop().began(), "a stop that does not begin");
        check(!killing(before) || over || killing(after), "killing ends");
        check(effects.stream().filter(Effect.Leave.class::isInstance).count() == (over ? 1 : 0), "leaving");
        check(
                over
                        || after.state().daemons().stream()
                                .anyMatch(each -> !(each.state() instanceof DaemonState.Exited)),
                "nothing is left, and we stay");
    }

    private static boolean killing(World world) {
        return world.state().phase() instanceof Phase.Stopping stopping && stopping.killing();
    }

    /** No busy loop. */
    private void deadline() {
        if (event instanceof Event.TimePassed) {
            OptionalLong next = after.state().deadline();
            check(next.isEmpty() || !after.reached(next.getAsLong()), "a deadline has passed and stays");
        }
    }

    private void harmlessEvents() {
        boolean harmless = switch (event) {
            case Event.TimePassed _ -> {
                OptionalLong deadline = before.state().deadline();
                yield deadline.isEmpty() || !before.reached(deadline.getAsLong());
            }
            case Event.Probed probed -> isLate(probed.daemon(), probed.kind(), probed.start());
            case Event.NotProbed probed -> isLate(probed.daemon(), probed.kind(), probed.start());
            case Event.Resumed _ -> true;
            case Event.Begin _,
                    Event.Started _,
                    Event.StartFailed _,
                    Event.Exited _,
                    Event.SessionEmptied _,
                    Event.OutputHeld _,
                    Event.OutputReleased _,
                    Event.StopRequested _,
                    Event.HangUp _ -> false;
        };
        // any event may come together with the reset that ends a crash loop
        boolean readyAtMost = effects.size() == publishes(Notification.Type.BUNDLE_READY, null);
        check(!harmless || readyAtMost, "an effect of an event that changes nothing");
    }

    private boolean isLate(String name, ProbeKind kind, int start) {
        DaemonStatus daemon = before.state().daemon(name);
        int index = before.state().daemons().indexOf(daemon);
        return start != daemon.starts() || !before.daemons().get(index).probes().run(kind);
    }

    private void readiness() {
        boolean published = publishes(Notification.Type.BUNDLE_READY, null) == 1;
        check(published == (isReady(after) && !isReady(before)), "bundle.ready");
        check(isReady(after) == after.state().ready(), "ready");
    }

    private static boolean isReady(World world) {
        return world.running()
                && world.state().daemons().stream()
                        .allMatch(each -> each.state() instanceof DaemonState.Running && !each.crashLooping());
    }

    private void daemon(DaemonStatus was, DaemonStatus is) {
        String name = is.name();
        boolean ended = event instanceof Event.Exited exited && exited.daemon().equals(name);
        boolean failed =
                event instanceof Event.StartFailed failure && failure.daemon().equals(name);
        long said = effects.stream()
                .filter(effect -> effect instanceof Effect.SayAfterLastWords words
                        && words.daemon().equals(name))
                .count();
        check(said == (ended ? 1 : 0), "a death is not said once");
        check(publishes(Notification.Type.DAEMON_EXITED, name) == (ended || failed ? 1 : 0), "daemon.exited");

        boolean hangUp = event instanceof Event.HangUp;
        boolean stopped =
                effects.contains(new Effect.SignalSession(name, is.daemon().stopSignal())) && !hangUp;
        check(stopped == continued(name), "a stop signal without CONT");
        boolean started = effects.contains(new Effect.Start(name));
        check(is.starts() == was.starts() + (started ? 1 : 0), "starts");
        boolean death = (ended || failed) && before.running();
        check(sum(is.deaths()) == sum(was.deaths()) + (death ? 1 : 0), "deaths");
        checkGap(was, is, death);
        if (death) {
            checkConsequence(is);
        }
    }

    private boolean continued(String daemon) {
        return effects.contains(new Effect.SignalSession(daemon, Signal.CONT));
    }

    private void checkGap(DaemonStatus was, DaemonStatus is, boolean death) {
        boolean ready = publishes(Notification.Type.DAEMON_READY, is.name()) > 0;
        boolean liveness = continued(is.name()) && event instanceof Event.Probed;
        boolean opens = death || liveness || publishes(Notification.Type.DAEMON_UNREADY, is.name()) > 0;
        check(is.gaps().isOpen() == (!ready && (opens || was.gaps().isOpen())), "a gap");
        boolean counted = opens && !was.gaps().isOpen();
        check(is.gaps().count() == was.gaps().count() + (counted ? 1 : 0), "the number of gaps");
        boolean recovered = publishes(Notification.Type.DAEMON_RECOVERED, is.name()) > 0;
        check(recovered == (ready && was.gaps().isOpen()), "daemon.recovered");
    }

    private void checkConsequence(DaemonStatus dead) {
        Daemon daemon = dead.daemon();
        FailurePolicy policy = after.state().bundle().failurePolicyOf(daemon);
        if (policy == FailurePolicy.RESTART && dead.crashLooping()) {
            policy = switch (SearchedBundle.restartOf(after.state().bundle(), daemon)
                    .crashLoopAction()) {
                case KEEP_TRYING -> FailurePolicy.RESTART;
                case LEAVE -> FailurePolicy.LEAVE;
                case TEARDOWN -> FailurePolicy.TEARDOWN;
            };
        }
        boolean restarts = dead.state() instanceof DaemonState.Backoff || dead.state() instanceof DaemonState.Launching;
        check(restarts == (policy == FailurePolicy.RESTART), "the policy");
        check(after.stop().began() == (policy == FailurePolicy.TEARDOWN), "a teardown");
    }

    private void inPhase(int daemon) {
        String name = after.state().daemons().get(daemon).name();
        ObservedDaemon.Session session = after.daemons().get(daemon).session();
        if (after.stopping() && after.hasToEnd(daemon)) {
            boolean signalled = session.signalledAt().isPresent();
            check(signalled || Overdue.isNeeded(after.state(), name), "a daemon that is not needed is not stopped");
            check(!after.stop().killing() || session.killedAt().isPresent(), "a second TERM does not kill");
        }
        if (after.running() && after.begun()) {
            checkWaiting(after.state().daemons().get(daemon));
        }
    }

    /** A daemon waits only for a dependency that can still become ready, or for another first start. */
    private void checkWaiting(DaemonStatus daemon) {
        if (!(daemon.state() instanceof DaemonState.Waiting)) {
            return;
        }
        List<DaemonStatus> missing = after.state().daemons().stream()
                .filter(other -> daemon.daemon().dependsOn().contains(other.name()) && !other.everReady())
                .toList();
        boolean launching =
                after.state().daemons().stream().anyMatch(other -> other.state() instanceof DaemonState.Launching);
        check(launching || !missing.isEmpty(), "a daemon waits for nothing");
        check(
                missing.stream().noneMatch(other -> other.state() instanceof DaemonState.Exited),
                "a daemon waits for one that is not started again");
    }

    private void nothingFollows() {
        String any = after.state().daemons().getFirst().name();
        List<Event> events = List.of(
                new Event.Begin(),
                new Event.Started(any, 1),
                new Event.Exited(any, new ExitStatus.Code(1), true, null),
                new Event.SessionEmptied(any),
                new Event.StopRequested(Signal.TERM),
                new Event.Resumed(Duration.ofSeconds(9)),
                new Event.TimePassed());
        for (Event later : events) {
            Lifecycle.Step step = Lifecycle.step(after.state(), later, after.timestamp());
            check(step.effects().isEmpty() && step.state() == after.state(), "something follows the end");
        }
        check(after.state().deadline().isEmpty(), "a deadline after the end");
    }

    /** @param daemon null: of the bundle */
    private long publishes(Notification.Type type, String daemon) {
        return effects.stream()
                .filter(effect -> effect instanceof Effect.Publish(Notification published)
                        && published.type() == type
                        && Objects.equals(
                                published.daemon().map(DaemonStatus::name).orElse(null), daemon))
                .count();
    }

    private static int sum(DeathCounts deaths) {
        return deaths.exit() + deaths.signal() + deaths.start() + deaths.liveness();
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
