package dev.claudebottle.sidecar.lifecycle;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Says which daemons keep the bundle from being ready: a start that is not ready yet, and a first start that waits for others. */
final class ReminderTransitions {

    private ReminderTransitions() {}

    static void timePassed(Transition transition) {
        if (!transition.isRunning()) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            Optional<Reminder> due =
                    reminder(daemon).filter(next -> transition.now().reached(next.due()));
            if (due.isPresent()) {
                Reminder last = due.get().lastDue(transition.now());
                DaemonStatus reminded = with(daemon, last.next());
                transition.put(reminded);
                say(transition, reminded, last);
            }
        }
    }

    /** Moves what is due by a time in which we did not run: the daemons may have been suspended as well. */
    static void resumed(Transition transition, Duration pause) {
        if (!transition.isRunning()) {
            return;
        }
        for (DaemonStatus daemon : transition.daemons()) {
            reminder(daemon).ifPresent(next -> transition.put(with(daemon, next.later(pause))));
        }
    }

    /** Empty: nothing has to be said about the daemon. */
    static Optional<Reminder> reminder(DaemonStatus daemon) {
        return switch (daemon.state()) {
            case DaemonState.Waiting waiting -> waiting.reminder();
            case DaemonState.Starting starting -> starting.reminder();
            case DaemonState.Launching _,
                    DaemonState.Running _,
                    DaemonState.Backoff _,
                    DaemonState.Stopping _,
                    DaemonState.Exited _ -> Optional.empty();
        };
    }

    private static DaemonStatus with(DaemonStatus daemon, Reminder next) {
        return switch (daemon.state()) {
            case DaemonState.Waiting _ -> daemon.in(new DaemonState.Waiting(Optional.of(next)));
            case DaemonState.Starting starting ->
                daemon.in(new DaemonState.Starting(starting.pid(), starting.startedAt(), Optional.of(next)));
            case DaemonState.Launching _,
                    DaemonState.Running _,
                    DaemonState.Backoff _,
                    DaemonState.Stopping _,
                    DaemonState.Exited _ -> daemon;
        };
    }

    private static void say(Transition transition, DaemonStatus daemon, Reminder due) {
        if (daemon.state() instanceof DaemonState.Starting) {
            transition.say(OwnLine.warning(
                            daemon.name() + " is not ready yet after " + due.text() + ": " + daemon.unreadyCause())
                    .about(daemon)
                    .reports(Notification.Type.DAEMON_UNREADY)
                    .seconds(due.after()));
            transition.publish(Notification.Type.DAEMON_UNREADY, daemon);
            return;
        }
        List<String> missing = StartTransitions.missingDependencies(transition.daemons(), daemon);
        // none: it is started as soon as another start is answered
        if (!missing.isEmpty()) {
            transition.say(OwnLine.warning(daemon.name() + " waits for " + String.join(", ", missing))
                    .about(daemon)
                    .seconds(due.after()));
        }
    }
}
