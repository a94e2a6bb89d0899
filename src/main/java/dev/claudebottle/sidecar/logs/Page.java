package dev.claudebottle.sidecar.logs;

/** A piece of our output: filled by the pump's thread, then written by the writer's. */
final class Page {

    static final int SIZE = 64 * 1024;

    final byte[] bytes;
    int length;

    Page() {
        this(SIZE);
    }

    Page(int size) {
        bytes = new byte[size];
    }
}
