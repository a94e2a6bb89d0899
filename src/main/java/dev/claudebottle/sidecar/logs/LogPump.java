package dev.claudebottle.sidecar.logs;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.os.Descriptors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Reads all daemons' pipes and writes their lines, and our own, to stdout. One thread reads and one writes. A slow reader
 * of stdout slows these two, and through their full pipes the daemons, but no other thread of ours.
 */
public final class LogPump {

    /** The most that one read takes from one pipe. */
    private static final int CHUNK = 128 * 1024;

    /** Bound of our own lines that wait for stdout, in bytes of memory, roughly; further ones are dropped and counted. */
    private static final int MAX_QUEUED = 1024 * 1024;

    /** Bytes of memory that a queued line takes besides its characters, roughly. */
    private static final int QUEUE_ENTRY = 128;

    /** A line of our own; it waits for the last words of {@code after}, unless that is null. */
    private record OwnLine(String text, DaemonPipe after) {}

    private final OutputBuffer out;
    private final LineFormat format;
    private final Consumer<Throwable> onFault;
    private final int wakeup = Descriptors.eventfd();
    private final PollSet pollSet = new PollSet(wakeup);
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();

    /** Bytes of memory that our own lines take while they wait. */
    private final AtomicInteger queued = new AtomicInteger();

    private final AtomicInteger droppedOwnLines = new AtomicInteger();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final List<DaemonPipe> pipes = new ArrayList<>();
    private final Deque<OwnLine> ownLines = new ArrayDeque<>();
    private final List<PendingTail> pendingTails = new ArrayList<>();
    private final DaemonPipes daemonPipes = new DaemonPipes();
    private final MemorySegment memory = Arena.global().allocate(CHUNK);
    private final byte[] chunk = new byte[CHUNK];

    /** The exit line; null until {@link #finish}. */
    private String finalLine;

    /**
     * @param stdout the descriptor to write to; negative: none, every line is counted as dropped
     * @param onFault called, by the pump's or the writer's thread, when that thread can't go on
     */
    public LogPump(int stdout, LogFormat format, Consumer<Throwable> onFault) {
        this.out = new OutputBuffer(stdout);
        this.format = LineFormat.of(format);
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
        request(new Request.Attach(daemonPipes.add(daemon, fd, format, out)));
    }

    /** Writes a line of our own, or several when the text has several. Never blocks. */
    public void say(String text) {
        if (reserve(text)) {
            request(new Request.Say(text));
        }
    }

    /** The same, after everything that the daemon's latest start has written so far. */
    public void sayAfterLastWords(String daemon, String text) {
        if (reserve(text)) {
            request(new Request.SayAfterLastWords(daemon, text));
        }
    }

    /** The last lines that the daemon's latest start has written so far; none when it has never been started. */
    public OutputTail lastLines(String daemon, int count) {
        DaemonPipe latest = daemonPipes.latest(daemon);
        if (latest == null) {
            return _ -> List.of();
        }
        PendingTail tail = new PendingTail(latest, count);
        request(new Request.CompleteTail(tail));
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
    public boolean finish(String text, long maxStall, long deadline) throws InterruptedException {
        request(new Request.Finish(text));
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

    /** Lines that never reached stdout. */
    public long droppedLines() {
        return out.droppedLines() + droppedOwnLines.get();
    }

    /** Returns false, and counts the line as dropped, when too much is queued already. */
    private boolean reserve(String text) {
        if (queued.addAndGet(queuedSize(text)) <= MAX_QUEUED) {
            return true;
        }
        queued.addAndGet(-queuedSize(text));
        droppedOwnLines.incrementAndGet();
        return false;
    }

    private static int queuedSize(String text) {
        return QUEUE_ENTRY + text.length();
    }

    private void request(Request request) {
        requests.add(request);
        Descriptors.wake(wakeup);
    }

    private void pumpForever() {
        try {
            boolean done = false;
            while (!done) {
                pollSet.poll(finalLine == null);
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
        boolean any = false;
        for (Request request = requests.poll(); request != null; request = requests.poll()) {
            any = true;
            switch (request) {
                case Request.Attach(DaemonPipe pipe) -> {
                    pipes.add(pipe);
                    pollSet.add(pipe.fd);
                }
                case Request.Say(String text) -> ownLines.add(new OwnLine(text, null));
                case Request.SayAfterLastWords(String daemon, String text) ->
                    ownLines.add(new OwnLine(text, markLastWords(daemon)));
                case Request.CompleteTail(PendingTail tail) -> {
                    tail.markLastWords();
                    pendingTails.add(tail);
                }
                case Request.Finish(String text) -> finalLine = text;
            }
        }
        return any;
    }

    /** Returns the pipe of the daemon's latest start; null when it is closed. */
    private DaemonPipe markLastWords(String daemon) {
        for (DaemonPipe pipe : pipes.reversed()) {
            if (pipe.daemon.equals(daemon)) {
                pipe.markLastWords();
                return pipe;
            }
        }
        return null;
    }

    /** Puts out our lines in order, up to one that still waits for last words. */
    private void putOwnLines() {
        pendingTails.removeIf(PendingTail::releaseIfRead);
        while (!ownLines.isEmpty()) {
            OwnLine line = ownLines.peek();
            if (line.after() != null) {
                if (line.after().hasUnreadLastWords()) {
                    return;
                }
                line.after().flush();
            }
            queued.addAndGet(-queuedSize(line.text()));
            format.ownLine(out, line.text());
            ownLines.remove();
        }
    }

    /** Reads a chunk from every pipe that has something; returns whether any had. */
    private boolean readReady() {
        boolean any = false;
        // backwards, because a pipe at its end is removed
        for (int i = pipes.size() - 1; i >= 0; i--) {
            if (pollSet.isReady(i)) {
                any = true;
                read(i);
            }
        }
        return any;
    }

    private void read(int index) {
        DaemonPipe pipe = pipes.get(index);
        long size = Descriptors.read(pipe.fd, memory);
        if (size > 0) {
            MemorySegment.copy(memory, JAVA_BYTE, 0, chunk, 0, (int) size);
            pipe.accept(chunk, (int) size);
        } else if (size != -Descriptors.EAGAIN) {
            pipe.close();
            Descriptors.close(pipe.fd);
            pipes.remove(index);
            pollSet.remove(index);
        }
    }
}
