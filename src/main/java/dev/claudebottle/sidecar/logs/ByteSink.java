package dev.claudebottle.sidecar.logs;

/** Takes bytes that are safe to show. */
interface ByteSink {

    void put(byte value);

    void put(byte[] source);

    void put(byte[] source, int from, int to);
}
