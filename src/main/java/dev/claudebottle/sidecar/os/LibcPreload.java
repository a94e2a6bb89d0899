package dev.claudebottle.sidecar.os;

/** Links the C library in a thread of its own while the bundle is being read, which saves the first daemon that time. */
public final class LibcPreload {

    private LibcPreload() {}

    /** Returns at once. A call of a libc function waits until it is linked. */
    public static void start() {
        try {
            Thread.ofPlatform().name("libc-preload").daemon().start(Libc::link);
        } catch (OutOfMemoryError noThread) {
            // the first call links it
        }
    }
}
