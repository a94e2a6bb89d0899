package dev.claudebottle.sidecar.events;

import static dev.claudebottle.sidecar.lifecycle.Notification.Type.BUNDLE_STOPPING;
import static dev.claudebottle.sidecar.lifecycle.Notification.Type.DAEMON_CRASH_LOOPING;
import static dev.claudebottle.sidecar.lifecycle.Notification.Type.DAEMON_EXITED;
import static dev.claudebottle.sidecar.lifecycle.Notification.Type.DAEMON_RESTARTING;
import static dev.claudebottle.sidecar.lifecycle.Notification.Type.DAEMON_UNREADY;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.LastExit;
import dev.claudebottle.sidecar.lifecycle.Notification;
import dev.claudebottle.sidecar.lifecycle.Seconds;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code data} of an event. As in {@code /status}, an absent value is null and its key is present. Only {@code output}
 * is specific to one type.
 */
final class EventData {

    /** The types that include the daemon's last exit; for other types that would be out of date. */
    private static final Set<Notification.Type> WITH_LAST_EXIT =
            EnumSet.of(DAEMON_EXITED, DAEMON_RESTARTING, DAEMON_CRASH_LOOPING);

    private EventData() {}

    static void write(JsonGenerator out, Notification notification, Integer pid, List<String> output)
            throws IOException {
        if (notification.daemon().isEmpty()) {
            out.writeStringField("state", notification.type() == BUNDLE_STOPPING ? "stopping" : "running");
            out.writeBooleanField("planned", false);
            return;
        }
        DaemonStatus daemon = notification.daemon().get();
        out.writeStringField("state", daemon.state().word());
        out.writeFieldName("pid");
        if (pid == null) {
            out.writeNull();
        } else {
            out.writeNumber(pid);
        }
        // a planned restart is announced before the end that it leads to
        boolean ended = notification.type() != DAEMON_RESTARTING || !notification.planned();
        if (WITH_LAST_EXIT.contains(notification.type()) && ended) {
            writeEnd(out, daemon.lastExit(), null);
        } else {
            writeEnd(out, Optional.empty(), notification.type() == DAEMON_UNREADY ? daemon.unreadyCause() : null);
        }
        out.writeNumberField("restarts", daemon.restarts());
        writeSeconds(out, "nextStartInSeconds", notification.nextStartIn());
        writeSeconds(out, "gapSeconds", notification.gap());
        out.writeBooleanField("planned", notification.planned());
        if (notification.type() == DAEMON_EXITED) {
            out.writeArrayFieldStart("output");
            for (String line : output) {
                out.writeString(line);
            }
            out.writeEndArray();
        }
    }

    /** @param error when there is no last exit; may be null */
    private static void writeEnd(JsonGenerator out, Optional<LastExit> lastExit, String error) throws IOException {
        if (lastExit.isPresent()) {
            LastExit exit = lastExit.get();
            out.writeNumberField("code", exit.code());
            out.writeStringField("signal", exit.signal());
            out.writeStringField("reason", exit.reason().word());
            out.writeStringField("error", exit.error());
            out.writeFieldName("oomKilled");
            if (exit.oomKilled() == null) {
                out.writeNull();
            } else {
                out.writeBoolean(exit.oomKilled());
            }
        } else {
            out.writeNullField("code");
            out.writeNullField("signal");
            out.writeNullField("reason");
            out.writeStringField("error", error);
            out.writeNullField("oomKilled");
        }
    }

    /** Seconds as in {@code /status}: {@code 0.5}, {@code 12.0}. */
    private static void writeSeconds(JsonGenerator out, String name, Optional<Duration> time) throws IOException {
        if (time.isEmpty()) {
            out.writeNullField(name);
            return;
        }
        out.writeNumberField(name, Seconds.of(time.get().toNanos()));
    }
}
