package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** What holds in every step of an exhaustive search, for the bundle as a whole; {@link DaemonInvariants} for each daemon. */
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
            StateCorrespondence.check(after, i);
            new DaemonInvariants(before, event, effects, after, i).check();
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
            case Event.RestartRequested(String name) -> cannotRestart(name);
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
        boolean readyAtMost = effects.size() == bundleReady();
        check(!harmless || readyAtMost, "an effect of an event that changes nothing");
    }

    /** Or need not: that is under way. */
    private boolean cannotRestart(String name) {
        DaemonStatus daemon = before.state().daemon(name);
        ObservedDaemon observed = before.daemons().get(before.state().daemons().indexOf(daemon));
        boolean dependencies = before.state().daemons().stream()
                .allMatch(other ->
                        other.everReady() || !daemon.daemon().dependsOn().contains(other.name()));
        boolean first = observed.is(ObservedDaemon.Processes.NEVER_STARTED);
        return !before.running()
                || first && (!dependencies || daemon.state() instanceof DaemonState.Waiting)
                || observed.is(ObservedDaemon.Processes.START_ASKED)
                || observed.session().restart()
                || observed.past().nextStart().stream().anyMatch(before::reached);
    }

    private boolean isLate(String name, ProbeKind kind, int start) {
        DaemonStatus daemon = before.state().daemon(name);
        int index = before.state().daemons().indexOf(daemon);
        return start != daemon.starts() || !before.daemons().get(index).probes().run(kind);
    }

    private void readiness() {
        boolean published = bundleReady() == 1;
        check(published == (isReady(after) && !isReady(before)), "bundle.ready");
        check(isReady(after) == after.state().ready(), "ready");
    }

    private static boolean isReady(World world) {
        return world.running()
                && world.state().daemons().stream()
                        .allMatch(each -> each.state() instanceof DaemonState.Running && !each.crashLooping());
    }

    private void nothingFollows() {
        String any = after.state().daemons().getFirst().name();
        List<Event> events = List.of(
                new Event.Begin(),
                new Event.Started(any, 1),
                new Event.Exited(any, new ExitStatus.Code(1), true, null),
                new Event.SessionEmptied(any),
                new Event.StopRequested(Signal.TERM),
                new Event.RestartRequested(any),
                new Event.Resumed(Duration.ofSeconds(9)),
                new Event.TimePassed());
        for (Event later : events) {
            Lifecycle.Step step = Lifecycle.step(after.state(), later, after.timestamp());
            check(step.effects().isEmpty() && step.state() == after.state(), "something follows the end");
        }
        check(after.state().deadline().isEmpty(), "a deadline after the end");
    }

    private long bundleReady() {
        return effects.stream()
                .filter(effect -> effect instanceof Effect.Publish(Notification published)
                        && published.type() == Notification.Type.BUNDLE_READY)
                .count();
    }

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
