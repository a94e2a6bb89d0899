package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;

/** What the supervisor has to do, as data. One thread carries effects out in order. */
public sealed interface Effect {

    /** Write a line of our own. */
    record Say(OwnLine line) implements Effect {}

    /** Write a line of our own after all output of the daemon's latest start. */
    record SayAfterLastWords(String daemon, OwnLine line) implements Effect {}

    /** Start the daemon, and answer with {@link Event.Started} or {@link Event.StartFailed}. */
    record Start(String daemon) implements Effect {}

    /** Signal every process of the daemon's session; an empty session is no error. */
    record SignalSession(String daemon, Signal signal) implements Effect {}

    /** Probe the daemon now and again and again, and answer each time with {@link Event.Probed}. */
    record StartProbe(String daemon, ProbeKind kind, int start) implements Effect {}

    /** Stop all probes of the daemon. */
    record StopProbes(String daemon) implements Effect {}

    /** Send a notification to the event log and all listeners. */
    record Publish(Notification notification) implements Effect {}

    /** The bundle is over: kill and reap all processes that are left, write the last lines, and exit. */
    record Leave(int exitCode) implements Effect {}
}
