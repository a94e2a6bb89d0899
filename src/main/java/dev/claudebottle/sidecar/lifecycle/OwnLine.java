package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Word;
import java.time.Duration;

/**
 * A line of our own. Log format {@code text} prints the message alone, {@code json} all that is not null.
 *
 * @param message may be several lines
 * @param event what it reports, if events report that too; null: nothing of the kind
 * @param subject the daemon that it is about; null: none
 * @param code an exit code; null: none
 * @param signal that ended the daemon, or that we got; null: none
 * @param seconds a gap's length, the delay before a restart, or how long it has not been ready; null: none
 */
public record OwnLine(
        Level level,
        String message,
        Notification.Type event,
        String subject,
        Integer code,
        String signal,
        Duration seconds) {

    /** How bad it is. */
    public enum Level implements Word {
        /** As it should be, or as somebody asked for. */
        INFO,
        /** Something has failed, and we go on: it is tried again, or the guards do without it. */
        WARNING,
        /** A guard is lost unless somebody acts, or we are. */
        ERROR
    }

    public static OwnLine info(String message) {
        return of(Level.INFO, message);
    }

    public static OwnLine warning(String message) {
        return of(Level.WARNING, message);
    }

    public static OwnLine error(String message) {
        return of(Level.ERROR, message);
    }

    public static OwnLine of(Level level, String message) {
        return new OwnLine(level, message, null, null, null, null, null);
    }

    /** Our last line. */
    public static OwnLine exit(int exitCode) {
        return of(exitCode == 0 ? Level.INFO : Level.ERROR, "exit " + exitCode).code(exitCode);
    }

    OwnLine about(DaemonStatus daemon) {
        return about(daemon.name());
    }

    public OwnLine about(String daemon) {
        return new OwnLine(level, message, event, daemon, code, signal, seconds);
    }

    OwnLine reports(Notification.Type type) {
        return new OwnLine(level, message, type, subject, code, signal, seconds);
    }

    OwnLine code(int number) {
        return new OwnLine(level, message, event, subject, number, signal, seconds);
    }

    /** @param name null: none */
    public OwnLine signal(String name) {
        return new OwnLine(level, message, event, subject, code, name, seconds);
    }

    OwnLine seconds(Duration length) {
        return new OwnLine(level, message, event, subject, code, signal, length);
    }

    OwnLine at(Level changed) {
        return new OwnLine(changed, message, event, subject, code, signal, seconds);
    }

    /** The same line with a clause added to its message. */
    public OwnLine and(String clause) {
        return new OwnLine(level, message + clause, event, subject, code, signal, seconds);
    }
}
