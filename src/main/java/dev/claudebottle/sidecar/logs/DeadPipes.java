package dev.claudebottle.sidecar.logs;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import java.util.function.ObjIntConsumer;

/**
 * The pipes of dead starts that have not been read to their end. While stdout is blocked, their output is kept in memory and they are closed,
 * so that a daemon that dies again and again uses up neither descriptors nor memory: when its bounds are reached, its next start has to wait.
 * Used by the pump's thread alone, except {@link #add}.
 */
final class DeadPipes {

    /** In bytes of memory: for one daemon, and for all. */
    private static final int MAX_KEPT = 64 * 1024;

    private static final int MAX_KEPT_IN_ALL = 8 * 1024 * 1024;

    /** The most that one read takes. */
    private static final int CHUNK = MAX_KEPT / 4;

    /** Pipes of one daemon that another process keeps open. */
    private static final int MAX_OPEN = 8;

    private final BiConsumer<String, Boolean> onHeldOutput;
    private final Queue<DaemonPipe> added = new ConcurrentLinkedQueue<>();
    private final List<DaemonPipe> pipes = new ArrayList<>();
    private final Set<String> held = new HashSet<>();

    /** Allocated, with the chunk, when stdout blocks for the first time. */
    private MemorySegment memory;

    private byte[] chunk;

    /** @param onHeldOutput takes a daemon and whether its next start has to wait */
    DeadPipes(BiConsumer<String, Boolean> onHeldOutput) {
        this.onHeldOutput = onHeldOutput;
    }

    /** The daemon whose output comes through this pipe is dead. From any thread. */
    void add(DaemonPipe pipe) {
        added.add(pipe);
    }

    /** Whether there is output that no poll(2) reports. */
    boolean hasKeptOutput() {
        for (DaemonPipe pipe : pipes) {
            if (pipe.hasKeptOutput()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Keeps what the pipes hold, because stdout is blocked.
     *
     * @param onEnd takes each pipe that is at its end, and its descriptor, which is to be closed
     */
    void keep(ObjIntConsumer<DaemonPipe> onEnd) {
        update();
        if (pipes.isEmpty()) {
            return;
        }
        if (memory == null) {
            memory = Arena.global().allocate(CHUNK);
            chunk = new byte[CHUNK];
        }
        Usage usage = new Usage(pipes);
        for (DaemonPipe pipe : pipes) {
            while (pipe.fd() >= 0 && !usage.isFull(pipe.daemon)) {
                int before = pipe.memory();
                int size = pipe.keep(memory, chunk);
                if (size < 0) {
                    break;
                }
                if (size > 0) {
                    usage.add(pipe.daemon, pipe.memory() - before);
                } else {
                    onEnd.accept(pipe, pipe.takeDescriptor());
                    usage.closed(pipe.daemon);
                }
            }
        }
        for (DaemonPipe pipe : pipes) {
            if (usage.reachesABound(pipe.daemon) && held.add(pipe.daemon)) {
                onHeldOutput.accept(pipe.daemon, true);
            }
        }
    }

    /** Stdout takes output: forgets the pipes that have been read to their end, and releases daemons that are below their bounds. */
    void release() {
        if (added.isEmpty() && pipes.isEmpty() && held.isEmpty()) {
            return;
        }
        update();
        if (held.isEmpty()) {
            return;
        }
        Usage usage = new Usage(pipes);
        held.removeIf(daemon -> {
            boolean released = !usage.isFull(daemon);
            if (released) {
                onHeldOutput.accept(daemon, false);
            }
            return released;
        });
    }

    private void update() {
        for (DaemonPipe pipe = added.poll(); pipe != null; pipe = added.poll()) {
            pipes.add(pipe);
        }
        pipes.removeIf(pipe -> !pipe.isOpen());
    }

    /** What the pipes take, by daemon. */
    private static final class Usage {

        private final Map<String, Integer> kept = new HashMap<>();
        private final Map<String, Integer> open = new HashMap<>();
        private int keptInAll;

        Usage(List<DaemonPipe> pipes) {
            for (DaemonPipe pipe : pipes) {
                add(pipe.daemon, pipe.memory());
                open.merge(pipe.daemon, pipe.fd() >= 0 ? 1 : 0, Integer::sum);
            }
        }

        void add(String daemon, int bytes) {
            kept.merge(daemon, bytes, Integer::sum);
            keptInAll += bytes;
        }

        void closed(String daemon) {
            open.merge(daemon, -1, Integer::sum);
        }

        /** Whether no more may be kept of this daemon. */
        boolean isFull(String daemon) {
            return kept.getOrDefault(daemon, 0) >= MAX_KEPT || keptInAll >= MAX_KEPT_IN_ALL;
        }

        boolean reachesABound(String daemon) {
            return isFull(daemon) || open.getOrDefault(daemon, 0) > MAX_OPEN;
        }
    }
}
