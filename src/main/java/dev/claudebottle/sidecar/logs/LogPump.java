package dev.claudebottle.sidecar.logs;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.PollSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Reads all daemons' pipes and writes their lines, and our own, to stdout. One thread reads and one writes. A slow reader
 * of stdout slows these two, and through their full pipes the daemons, but no other thread of ours.
 */
public final class LogPump {

    /** The most that one read takes from one pipe. */
    private static final int CHUNK = 128 * 1024;

    private final OutputBuffer out;
    private final LineFormat format;
    private final Consumer<Throwable> onFault;
    private final DeadPipes deadPipes;
    private final int wakeup = Descriptors.eventfd();
    private final PollSet pollSet = new PollSet(wakeup);
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final Queue<PendingTail> requestedTails = new ConcurrentLinkedQueue<>();

    private final CountDownLatch finished = new CountDownLatch(1);
    private final List<DaemonPipe> pipes = new ArrayList<>();

    /** Daemons of whose earlier starts more may be there to read, which comes before that of later ones. */
    private final Set<String> readEarlierStarts = new HashSet<>();

    private final OwnLines ownLines = new OwnLines();
    private final List<PendingTail> pendingTails = new ArrayList<>();
    private final DaemonPipes daemonPipes;
    private final MemorySegment memory = Arena.global().allocate(CHUNK);
    private final byte[] chunk = new byte[CHUNK];

    /** The exit line; null until {@link #finish}. */
    private OwnLine finalLine;

    /**
     * @param stdout the descriptor to write to; negative: none, every line is counted as dropped
     * @param identity who we are, for the formats that say it
     * @param onFault called, by the pump's or the writer's thread, when that thread can't go on
     * @param onHeldOutput takes a daemon's name and true when stdout is blocked and the daemon has to wait with its next start, and false when
     *     it may start again; called by the pump's thread
     */
    public LogPump(
            int stdout,
            Logs logs,
            Identity identity,
            Consumer<Throwable> onFault,
            BiConsumer<String, Boolean> onHeldOutput) {
        this.out = new OutputBuffer(stdout, this::whileBlocked);
        this.deadPipes = new DeadPipes(onHeldOutput);
        this.format = LineFormat.of(logs, identity, stdout);
        this.daemonPipes = new DaemonPipes(logs, format, out);
        this.onFault = onFault;
    }

    public void start() {
        out.start(onFault);
        Thread thread = new Thread(this::pumpForever, "pump");
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes over the read end of a daemon's output; closes it at its end. */
    public void attach(String daemon, int fd) {
        request(new Request.Attach(daemonPipes.add(daemon, fd)));
    }

    /** Writes a line of our own, or several when the message has several. Never blocks. */
    public void say(OwnLine line) {
        if (ownLines.reserve(line)) {
            request(new Request.Say(line));
        }
    }

    /** The same, after everything that the daemon's latest start has written so far. */
    public void sayAfterLastWords(String daemon, OwnLine line) {
        if (ownLines.reserve(line)) {
            request(new Request.SayAfterLastWords(daemonPipes.latest(daemon), line));
        }
    }

    /** The daemon's latest start is dead: its output is kept if stdout is blocked. */
    public void died(String daemon) {
        DaemonPipe latest = daemonPipes.latest(daemon);
        if (latest != null) {
            deadPipes.add(latest);
            out.wakeUp();
        }
    }

    /** The last lines that the daemon's latest start has written so far; none when it has never been started. */
    public OutputTail lastLines(String daemon, int count) {
        DaemonPipe latest = daemonPipes.latest(daemon);
        if (latest == null) {
            return _ -> List.of();
        }
        PendingTail tail = new PendingTail(latest, count);
        requestedTails.add(tail);
        Descriptors.wake(wakeup);
        out.wakeUp();
        return tail;
    }

    public LogTotals totals(String daemon) {
        return daemonPipes.totals(daemon);
    }

    /**
     * Reads the pipes until they are empty, writes what is left and this line as the last, and stops.
     *
     * @param maxStall gives up after this many nanoseconds without progress
     * @param deadline a {@link System#nanoTime}
     * @return whether everything has been written
     */
    public boolean finish(OwnLine line, long maxStall, long deadline) throws InterruptedException {
        request(new Request.Finish(line));
        long progress = out.progress();
        long progressAt = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            long left = Math.min(progressAt + maxStall - now, deadline - now);
            if (left <= 0) {
                return finished.getCount() == 0;
            }
            if (finished.await(Math.min(left, maxStall / 10), TimeUnit.NANOSECONDS)) {
                return true;
            }
            if (out.progress() != progress) {
                progress = out.progress();
                progressAt = System.nanoTime();
            }
        }
    }

    /**
     * Writes lines of our own past everything that waits, for the end after a fault: when {@link #finish} has failed, so that the pump or the
     * writer is dead or blocked, or before {@link #start}.
     *
     * @param lines from {@link #ownLines}
     * @param deadline a {@link System#nanoTime}
     */
    public void writeDirectly(byte[] lines, long deadline) {
        out.writeDirectly(lines, deadline);
    }

    /** Lines of our own as they are written, for {@link #writeDirectly}. */
    public byte[] ownLines(List<OwnLine> lines) {
        return format.ownLines(lines);
    }

    /** Lines that never reached stdout. */
    public long droppedLines() {
        return out.droppedLines() + ownLines.dropped();
    }

    private void request(Request request) {
        requests.add(request);
        Descriptors.wake(wakeup);
    }

    private void pumpForever() {
        try {
            boolean done = false;
            while (!done) {
                deadPipes.release();
                pollSet.poll(finalLine == null && !deadPipes.hasKeptOutput() ? -1 : 0);
                // requests first: our line about a cause precedes a daemon's line about its effect
                boolean requested = takeRequests();
                putOwnLines();
                boolean read = readReady();
                putOwnLines();
                out.flush();
                done = finalLine != null && !requested && !read;
            }
            pipes.forEach(DaemonPipe::flush);
            format.ownLine(out, finalLine);
            out.drain();
            finished.countDown();
        } catch (Throwable fault) {
            onFault.accept(fault);
        }
    }

    /** Returns whether there were any. */
    private boolean takeRequests() {
        takeTails();
        boolean any = false;
        for (Request request = requests.poll(); request != null; request = requests.poll()) {
            any = true;
            switch (request) {
                case Request.Attach(DaemonPipe pipe) -> {
                    pipes.add(pipe);
                    pollSet.add(pipe.fd());
                }
                case Request.Say(OwnLine line) -> ownLines.add(line, null);
                case Request.SayAfterLastWords(DaemonPipe pipe, OwnLine line) -> {
                    if (pipe != null) {
                        pipe.markLastWords();
                    }
                    ownLines.add(line, pipe);
                }
                case Request.Finish(OwnLine line) -> finalLine = line;
            }
        }
        return any;
    }

    private void takeTails() {
        for (PendingTail tail = requestedTails.poll(); tail != null; tail = requestedTails.poll()) {
            tail.markLastWords();
            pendingTails.add(tail);
        }
    }

    /** Called while this thread waits for stdout, perhaps in the middle of a line: only reads. */
    private void whileBlocked() {
        takeTails();
        deadPipes.keep((pipe, fd) -> {
            int index = pipes.indexOf(pipe);
            if (index >= 0) {
                pollSet.set(index, PollSet.NONE, 0);
            }
            Descriptors.close(fd);
        });
        pendingTails.removeIf(PendingTail::releaseIfRead);
    }

    private void putOwnLines() {
        pendingTails.removeIf(PendingTail::releaseIfRead);
        ownLines.put(format, out);
    }

    /** Reads a chunk from every pipe that has something; returns whether any had. */
    private boolean readReady() {
        boolean any = false;
        int index = 0;
        while (index < pipes.size()) {
            DaemonPipe pipe = pipes.get(index);
            boolean closed = false;
            if ((pollSet.isReady(index) || pipe.hasKeptOutput()) && !readEarlierStarts.contains(pipe.daemon)) {
                any = true;
                closed = read(index, pipe);
            }
            if (!closed) {
                index++;
            }
        }
        readEarlierStarts.clear();
        return any;
    }

    /** Returns whether the pipe was at its end and has been removed. */
    private boolean read(int index, DaemonPipe pipe) {
        int size = pipe.read(memory, chunk);
        if (size == 0) {
            pipe.close();
            if (pipe.fd() >= 0) {
                Descriptors.close(pipe.takeDescriptor());
            }
            pipes.remove(index);
            pollSet.remove(index);
            return true;
        }
        if (size > 0) {
            pipe.accept(chunk, size);
            shortenLines();
            if (pipe.isOfAnEarlierStart()) {
                readEarlierStarts.add(pipe.daemon);
            }
        }
        return false;
    }

    /** Puts out the longest unfinished lines in pieces while all together take too much memory. */
    private void shortenLines() {
        LineMemory memoryOfLines = daemonPipes.lineMemory();
        if (memoryOfLines.isExceeded()) {
            pipes.forEach(pipe -> pipe.lines().trim());
        }
        while (memoryOfLines.isExceeded()) {
            pipes.stream()
                    .map(DaemonPipe::lines)
                    .max(Comparator.comparingInt(LineAssembler::unfinished))
                    .ifPresent(LineAssembler::putPiece);
        }
    }
}
