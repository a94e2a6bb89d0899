package dev.claudebottle.sidecar.logs;

/** What other threads ask of the pump. */
sealed interface Request {

    /** Read this pipe from now on. */
    record Attach(DaemonPipe pipe) implements Request {}

    /** Write a line of our own. */
    record Say(String text) implements Request {}

    /** Write a line of our own once the daemon's last words have been read. */
    record SayAfterLastWords(String daemon, String text) implements Request {}

    /** Release the waiter of this tail once the daemon's last words have been read. */
    record CompleteTail(PendingTail tail) implements Request {}

    /** Read what is left, write this line, and stop. */
    record Finish(String text) implements Request {}
}
