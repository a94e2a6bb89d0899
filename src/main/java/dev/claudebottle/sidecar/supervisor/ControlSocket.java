package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.PollSet;
import dev.claudebottle.sidecar.os.UnixSocket;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The Unix socket on which the operator asks for restarts. One thread serves it, which sleeps in poll(2). */
final class ControlSocket {

    /** Others wait until one of them has got its answer. */
    private static final int MAX_CLIENTS = 8;

    /** After a failure to accept, for lack of a descriptor. */
    private static final Duration RETRY_TIME = Duration.ofSeconds(1);

    /** In the poll set; the clients follow, in their order. */
    private static final int LISTENER = 0;

    private static final int FIRST_CLIENT = 1;

    private final String path;
    private final Supplier<BundleState> state;
    private final Consumer<RestartRequest> ask;
    private final int listener;
    private final int wakeup;
    private final PollSet pollSet;
    private final List<ControlClient> clients = new ArrayList<>();
    private long acceptAfter = System.nanoTime();

    /** Whether a client waits for a change of the state. */
    private volatile boolean awaited;

    /**
     * @param state the latest
     * @param ask has the supervisor's thread decide on a request
     */
    ControlSocket(String path, Supplier<BundleState> state, Consumer<RestartRequest> ask) throws IOException {
        this.path = path;
        this.state = state;
        this.ask = ask;
        this.listener = UnixSocket.listen(path);
        try {
            this.wakeup = Descriptors.eventfd();
        } catch (IllegalStateException noDescriptor) {
            UnixSocket.remove(path);
            Descriptors.close(listener);
            throw noDescriptor;
        }
        this.pollSet = new PollSet(wakeup);
        pollSet.add(listener);
    }

    /** From the supervisor's thread. */
    void stateChanged() {
        if (awaited) {
            Descriptors.wake(wakeup);
        }
    }

    void removeFile() {
        UnixSocket.remove(path);
    }

    /** Serves for as long as we live; after a fault nobody waits for an answer. */
    void serve() {
        try {
            while (true) {
                serveReady();
            }
        } finally {
            clients.forEach(client -> Descriptors.close(client.connection()));
            Descriptors.close(listener);
        }
    }

    private void serveReady() {
        poll();
        long now = System.nanoTime();
        BundleState latest = state.get();
        // backwards: those before one that is removed keep their place
        for (int i = clients.size() - 1; i >= 0; i--) {
            if (clients.get(i).isOver(pollSet.isReady(FIRST_CLIENT + i), latest, now)) {
                clients.remove(i);
                pollSet.remove(FIRST_CLIENT + i);
            }
        }
        if (pollSet.isReady(LISTENER)) {
            accept(now);
        }
        awaited = !clients.isEmpty();
    }

    private void poll() {
        long now = System.nanoTime();
        long timeout = Long.MAX_VALUE;
        boolean full = clients.size() == MAX_CLIENTS;
        boolean accepts = !full && now - acceptAfter >= 0;
        if (!full && !accepts) {
            timeout = acceptAfter - now;
        }
        pollSet.set(LISTENER, accepts ? listener : PollSet.NONE, PollSet.POLLIN);
        BundleState latest = state.get();
        for (int i = 0; i < clients.size(); i++) {
            ControlClient client = clients.get(i);
            pollSet.set(FIRST_CLIENT + i, client.connection(), client.isAsking() ? PollSet.POLLIN : 0);
            timeout = Math.min(timeout, client.deadline(latest) - now);
        }
        int millis = timeout == Long.MAX_VALUE
                ? -1
                : (int) Math.min(Math.max(0, timeout) / 1_000_000 + 1, Integer.MAX_VALUE);
        pollSet.poll(millis);
    }

    private void accept(long now) {
        int connection = UnixSocket.accept(listener);
        if (connection == -Descriptors.EAGAIN) {
            return;
        }
        if (connection < 0) {
            acceptAfter = now + RETRY_TIME.toNanos();
        } else if (UnixSocket.isTrusted(connection)) {
            awaited = true;
            clients.add(new ControlClient(connection, now, ask));
            pollSet.add(connection);
        } else {
            ControlClient.refuse(connection);
        }
    }
}
