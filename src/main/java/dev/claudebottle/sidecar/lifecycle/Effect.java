package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.Signal;

/** What to do about it, as data. Effects are carried out in order, by one thread. */
public sealed interface Effect {

    /** Put out a line of our own. */
    record Say(String line) implements Effect {}

    /** Put out a line of our own after everything that the daemon's latest start wrote before it died. */
    record SayAfterLastWords(String daemon, String line) implements Effect {}

    /** Start it, and answer with {@link Event.Started} or {@link Event.StartFailed}. */
    record Start(String daemon) implements Effect {}

    /** Signal every process of its group; a group that is gone is no error. */
    record SignalGroup(String daemon, Signal signal) implements Effect {}

    /** Ask it at once and then once a period, and answer each time with {@link Event.Probed}. */
    record StartProbe(String daemon, ProbeKind kind, int start) implements Effect {}

    /** Ask it no more. */
    record StopProbes(String daemon) implements Effect {}

    /** Tell whoever listens. */
    record Publish(Notification notification) implements Effect {}

    /** The bundle is over: kill and reap what is left, put out the last lines, and leave. */
    record Leave(int exitCode) implements Effect {}
}
