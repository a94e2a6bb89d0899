package dev.claudebottle.sidecar.supervisor;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.UnixSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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

    /** The entries of the wake-up and of the listening socket; those of the clients follow. */
    private static final int WAKEUP = 0;

    private static final int LISTENER = 1;
    private static final int FIRST_CLIENT = 2;

    /** struct pollfd: int fd, short events, short revents. */
    private static final int POLLFD = 8;

    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final short POLLIN = 1;

    /** poll(2) ignores it. */
    private static final int NONE = -1;

    private final String path;
    private final Supplier<BundleState> state;
    private final Consumer<RestartRequest> ask;
    private final int listener;
    private final int wakeup;
    private final List<ControlClient> clients = new ArrayList<>();
    private final MemorySegment pollfds = Arena.global().allocate((FIRST_CLIENT + MAX_CLIENTS) * POLLFD, 8);
    private final MemorySegment count = Arena.global().allocate(JAVA_LONG);
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
        // backwards: the entries of those before one that is removed stay theirs
        for (int i = clients.size() - 1; i >= 0; i--) {
            if (clients.get(i).isOver(isReady(FIRST_CLIENT + i), latest, now)) {
                clients.remove(i);
            }
        }
        if (isReady(LISTENER)) {
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
        set(WAKEUP, wakeup, POLLIN);
        set(LISTENER, accepts ? listener : NONE, POLLIN);
        BundleState latest = state.get();
        for (int i = 0; i < clients.size(); i++) {
            ControlClient client = clients.get(i);
            set(FIRST_CLIENT + i, client.connection(), client.isAsking() ? POLLIN : 0);
            timeout = Math.min(timeout, client.deadline(latest) - now);
        }
        int millis = timeout == Long.MAX_VALUE
                ? -1
                : (int) Math.min(Math.max(0, timeout) / 1_000_000 + 1, Integer.MAX_VALUE);
        // interrupted: nothing is ready, as the entries say
        Descriptors.poll(pollfds, FIRST_CLIENT + clients.size(), millis);
        if (isReady(WAKEUP)) {
            Descriptors.read(wakeup, count);
        }
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
        } else {
            ControlClient.refuse(connection);
        }
    }

    private boolean isReady(int entry) {
        return pollfds.get(JAVA_SHORT, (long) entry * POLLFD + REVENTS) != 0;
    }

    private void set(int entry, int descriptor, int events) {
        pollfds.set(JAVA_INT, (long) entry * POLLFD, descriptor);
        pollfds.set(JAVA_SHORT, (long) entry * POLLFD + EVENTS, (short) events);
        pollfds.set(JAVA_SHORT, (long) entry * POLLFD + REVENTS, (short) 0);
    }
}
