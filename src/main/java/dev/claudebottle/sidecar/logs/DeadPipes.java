package dev.claudebottle.sidecar.logs;

import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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

    /** Pipes of one daemon that another process keeps open. */
    private static final int MAX_OPEN = 8;

    private final BiConsumer<String, Boolean> onHeldOutput;
    private final Queue<DaemonPipe> added = new ConcurrentLinkedQueue<>();
    private final List<DaemonPipe> pipes = new ArrayList<>();
    private final Set<String> held = new HashSet<>();

    /** Allocated when stdout blocks for the first time. */
    private MemorySegment memory;

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
        if (memory == null) {
            memory = Arena.global().allocate(MAX_KEPT / 4);
        }
        for (DaemonPipe pipe : pipes) {
            boolean room = true;
            while (room && pipe.fd() >= 0) {
                room = !isFull(pipe.daemon);
                long size = room ? Descriptors.read(pipe.fd(), memory) : -Descriptors.EAGAIN;
                if (size > 0) {
                    pipe.keep(memory, (int) size);
                } else if (size == -Descriptors.EAGAIN) {
                    break;
                } else {
                    onEnd.accept(pipe, pipe.takeDescriptor());
                }
            }
        }
        for (DaemonPipe pipe : pipes) {
            if (isFull(pipe.daemon) && held.add(pipe.daemon)) {
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
        held.removeIf(daemon -> {
            boolean released = !isFull(daemon);
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

    private boolean isFull(String daemon) {
        int open = 0;
        int kept = 0;
        int keptInAll = 0;
        for (DaemonPipe pipe : pipes) {
            int size = pipe.memory();
            keptInAll += size;
            if (pipe.daemon.equals(daemon)) {
                kept += size;
                open += pipe.fd() >= 0 ? 1 : 0;
            }
        }
        return kept >= MAX_KEPT || keptInAll >= MAX_KEPT_IN_ALL || open > MAX_OPEN;
    }
}
