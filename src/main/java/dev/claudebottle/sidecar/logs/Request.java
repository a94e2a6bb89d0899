package dev.claudebottle.sidecar.logs;

import dev.claudebottle.sidecar.lifecycle.OwnLine;

/** What other threads ask of the pump. */
sealed interface Request {

    /** Read this pipe from now on. */
    record Attach(DaemonPipe pipe) implements Request {}

    /** Write a line of our own. */
    record Say(OwnLine line) implements Request {}

    /**
     * Write a line of our own once the daemon's last words have been read.
     *
     * @param pipe of the daemon's latest start; null: it has never been started
     */
    record SayAfterLastWords(DaemonPipe pipe, OwnLine line) implements Request {}

    /** Read what is left, write this line, and stop. */
    record Finish(OwnLine line) implements Request {}
}
