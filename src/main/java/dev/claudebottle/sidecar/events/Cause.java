package dev.claudebottle.sidecar.events;

/** Why something failed, in one line of our log. */
final class Cause {

    private Cause() {}

    static String of(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }
}
