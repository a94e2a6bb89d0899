package dev.claudebottle.sidecar.logs;

/** What others want from the pump. */
sealed interface Request {

    record Attach(DaemonPipe pipe) implements Request {}

    record Say(String text) implements Request {}

    record SayAfterLastWords(String daemon, String text) implements Request {}

    /** Tell when they have been read. */
    record AwaitDrain(PipeDrain drain) implements Request {}

    /** Read what is left, say this, and stop. */
    record Finish(String text) implements Request {}
}
