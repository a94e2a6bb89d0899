package dev.claudebottle.sidecar.logs;

/** A piece of our output: filled by the pump's thread, then written by the writer's. */
final class Page {

    static final int SIZE = 64 * 1024;

    final byte[] bytes = new byte[SIZE];
    int length;
}
