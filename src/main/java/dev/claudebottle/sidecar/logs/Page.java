package dev.claudebottle.sidecar.logs;

/** A piece of our output: filled by the pump, then emptied by the writer. */
final class Page {

    static final int SIZE = 64 * 1024;

    final byte[] bytes = new byte[SIZE];
    int length;
}
