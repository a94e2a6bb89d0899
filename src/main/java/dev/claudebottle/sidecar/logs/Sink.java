package dev.claudebottle.sidecar.logs;

/** Where safe text goes. */
interface Sink {

    void put(byte value);

    void put(byte[] source);

    void put(byte[] source, int from, int to);
}
