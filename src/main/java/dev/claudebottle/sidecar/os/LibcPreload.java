package dev.claudebottle.sidecar.os;

/** What the first daemon's start needs of the C library, made ready while the bundle is still being read. */
public final class LibcPreload {

    private LibcPreload() {}

    /** Returns at once. Whoever makes the first call, and is too early, waits for the rest of it. */
    public static void begin() {
        try {
            Thread.ofPlatform().name("preparation").daemon().start(Libc::link);
        } catch (OutOfMemoryError noThread) {
            // the first call does it
        }
    }
}
