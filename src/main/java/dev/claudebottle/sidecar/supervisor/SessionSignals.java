package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.Processes;
import dev.claudebottle.sidecar.os.Sessions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The signals of one step of the state machine. Each session's first group gets its signal at once; the other groups, which have to be found,
 * get it at the end of the step, so that one scan serves all daemons. For the supervisor's thread.
 */
final class SessionSignals {

    private final Consumer<OwnLine> say;
    private final List<Sessions.Sent> sent = new ArrayList<>();

    /** Why signals failed, by daemon. */
    private final Map<String, String> errors = new LinkedHashMap<>();

    SessionSignals(Consumer<OwnLine> say) {
        this.say = say;
    }

    void send(DaemonStatus daemon, Signal signal) {
        daemon.session().ifPresent(session -> {
            String error = Processes.signalGroup(session, signal);
            if (error != null) {
                errors.putIfAbsent(daemon.name(), error);
            }
            sent.add(new Sessions.Sent(daemon.name(), session, signal));
        });
    }

    void endOfStep() {
        if (sent.isEmpty()) {
            return;
        }
        Sessions.signalOtherGroups(sent).forEach(errors::putIfAbsent);
        errors.forEach((daemon, error) -> say.accept(
                OwnLine.warning("cannot signal " + daemon + ": " + error).about(daemon)));
        sent.clear();
        errors.clear();
    }
}
