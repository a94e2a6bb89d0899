package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.util.Optional;

/** What happened. The only thing that moves a bundle from one state to the next. */
public sealed interface Event {

    /** The supervisor is there; start the bundle. */
    record Begin() implements Event {}

    /** The answer to {@link Effect.Start}: it runs. */
    record Started(String daemon, int pid) implements Event {}

    /**
     * The other answer to {@link Effect.Start}: it could not be started.
     *
     * @param code 127 when the program is not found, else 126
     * @param subject what the error is about: the program, the directory, the user
     * @param error the cause, in the system's words
     */
    record StartFailed(String daemon, int code, String subject, String error) implements Event {}

    /**
     * The daemon's first process is dead and reaped.
     *
     * @param groupLeft other processes of its group are still there
     * @param oomKilled by the kernel's out-of-memory killer; null where that can't be known
     */
    record Exited(String daemon, ExitStatus status, boolean groupLeft, Boolean oomKilled) implements Event {}

    /** The last process of a dead daemon's group is gone. */
    record GroupEmptied(String daemon) implements Event {}

    /**
     * A probe has an answer.
     *
     * @param start which start it asked, as {@link DaemonStatus#starts} counted then
     * @param failure why it failed; empty: it passed
     */
    record Probed(String daemon, ProbeKind kind, int start, Optional<String> failure) implements Event {}

    /** TERM or INT came. */
    record StopRequested(Signal signal) implements Event {}

    /** HUP came. */
    record HangUp() implements Event {}

    /** {@link BundleState#deadline()} has come; harmless at any other time. */
    record TimePassed() implements Event {}
}
