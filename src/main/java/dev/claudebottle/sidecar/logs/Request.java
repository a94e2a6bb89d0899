package dev.claudebottle.sidecar.logs;

/** What other threads ask of the pump. */
sealed interface Request {

    /** Read this pipe from now on. */
    record Attach(DaemonPipe pipe) implements Request {}

    /** Write a line of our own. */
    record Say(String text) implements Request {}

    /**
     * Write a line of our own once the daemon's last words have been read.
     *
     * @param pipe of the daemon's latest start; null: it has never been started
     */
    record SayAfterLastWords(DaemonPipe pipe, String text) implements Request {}

    /** Read what is left, write this line, and stop. */
    record Finish(String text) implements Request {}
}
