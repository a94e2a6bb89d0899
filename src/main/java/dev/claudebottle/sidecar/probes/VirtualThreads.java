package dev.claudebottle.sidecar.probes;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The JDK's threads behind virtual threads. */
final class VirtualThreads {

    private VirtualThreads() {}

    /**
     * Makes them. The JDK makes those that wait for sockets in a static initialiser, at the first socket on which a virtual thread has to
     * wait: here, one on which nothing ever comes.
     *
     * @throws OutOfMemoryError when no thread can be made
     */
    static void prepare() {
        FutureTask<Void> wait = new FutureTask<>(() -> {
            waitForNothing();
            return null;
        });
        Thread.ofVirtual().name("probe-threads").start(wait);
        try {
            wait.get();
        } catch (ExecutionException failure) {
            throw new IllegalStateException("cannot wait on a socket: " + failure.getCause(), failure.getCause());
        } catch (InterruptedException impossible) {
            throw new AssertionError("internal error: nobody interrupts this thread", impossible);
        }
    }

    private static void waitForNothing() throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(1);
            socket.receive(new DatagramPacket(new byte[1], 1));
        } catch (java.net.SocketTimeoutException expected) {
            // the threads are there
        }
    }
}
