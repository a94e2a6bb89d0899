package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;
import java.time.Duration;
import java.util.Optional;

/** What happened. Only an event takes a bundle from one state to the next. */
public sealed interface Event {

    /** The supervisor is ready to start the bundle. */
    record Begin() implements Event {}

    /** One answer to {@link Effect.Start}: the daemon runs. */
    record Started(String daemon, int pid) implements Event {}

    /**
     * The other answer to {@link Effect.Start}: the daemon cannot be started.
     *
     * @param code 127 if the program is not found, otherwise 126
     * @param subject what the error is about: the program, the directory, the user
     * @param error the cause, as the system names it
     */
    record StartFailed(String daemon, int code, String subject, String error) implements Event {}

    /**
     * The daemon's first process is dead and reaped.
     *
     * @param sessionLeft other processes of its session are left
     * @param oomKilled by the kernel's out-of-memory killer; null if that is unknown
     */
    record Exited(String daemon, ExitStatus status, boolean sessionLeft, Boolean oomKilled) implements Event {}

    /** The last process of a dead daemon's session has ended. */
    record SessionEmptied(String daemon) implements Event {}

    /**
     * A probe has been answered.
     *
     * @param start which start was probed: {@link DaemonStatus#starts} at that time
     * @param failure why it failed; empty: it passed
     */
    record Probed(String daemon, ProbeKind kind, int start, Optional<String> failure) implements Event {}

    /**
     * A probe could not be sent, because this machine has no process, thread, descriptor or memory left: no failure of the daemon.
     *
     * @param start which start was to be probed
     * @param cause what is missing
     */
    record NotProbed(String daemon, ProbeKind kind, int start, String cause) implements Event {}

    /** Stdout is blocked, and the output of the daemon's dead starts has reached what is kept of it. */
    record OutputHeld(String daemon) implements Event {}

    /** Stdout has taken output of the daemon's dead starts, after {@link OutputHeld}. */
    record OutputReleased(String daemon) implements Event {}

    /** TERM or INT came. */
    record StopRequested(Signal signal) implements Event {}

    /** The operator wants this daemon to be started anew, now; {@link RestartTransitions#refusal} says when that can't be. */
    record RestartRequested(String daemon) implements Event {}

    /** HUP came. */
    record HangUp() implements Event {}

    /**
     * We did not run for a while, during which {@link BundleState#deadline()} passed: we were suspended, or the machine was.
     *
     * @param pause how long, at most
     */
    record Resumed(Duration pause) implements Event {}

    /** {@link BundleState#deadline()} has been reached; harmless at any other time. */
    record TimePassed() implements Event {}
}
