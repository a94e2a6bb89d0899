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
 * Reads all daemons' pipes, and puts out their lines and ours. One thread reads and one writes, so a reader of stdout
 * that is slow slows them, and with them the daemons, whose pipes fill; nobody else ever waits here.
 */
public final class LogPump {

    /** What is read at once, from one pipe. */
    private static final int CHUNK = 128 * 1024;

    /** Our own lines that may wait for stdout, in bytes of memory, about; more are dropped and counted. */
    private static final int MOST_WAITING = 1024 * 1024;

    /** What a line takes that waits, besides its characters. */
    private static final int PLACE = 128;

    /** A line of our own that is next; it waits for the last words of {@code after}, where that is not null. */
    private record Line(String text, DaemonPipe after) {}

    private final OutputBuffer out;
    private final LineFormat format;
    private final Consumer<Throwable> onFault;
    private final int wakeup = Descriptors.eventfd();
    private final PollSet polled = new PollSet(wakeup);
    /** In the order in which they were made. */
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();

    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger droppedOwnLines = new AtomicInteger();
    private final CountDownLatch finished = new CountDownLatch(1);
    private final List<DaemonPipe> pipes = new ArrayList<>();
    private final Deque<Line> ownLines = new ArrayDeque<>();
    private final List<PipeDrain> awaited = new ArrayList<>();
    private final DaemonPipes daemonPipes = new DaemonPipes();
    private final MemorySegment memory = Arena.global().allocate(CHUNK);
    private final byte[] chunk = new byte[CHUNK];
    private String lastLine;

    /**
     * @param stdout where the lines go; negative: nowhere, they are counted as dropped
     * @param onFault told when the pump can't go on
     */
    public LogPump(int stdout, LogFormat format, Consumer<Throwable> onFault) {
        this.out = new OutputBuffer(stdout);
        this.format = LineFormat.of(format);
        this.onFault = onFault;
    }

    public void begin() {
        out.begin(onFault);
        Thread thread = new Thread(this::pumpForever, "pump");
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes over the read end of a daemon's output, and closes it at its end. */
    public void attach(String daemon, int fd) {
        request(new Request.Attach(daemonPipes.started(daemon, fd, format, out)));
    }

    /** Puts out a line of our own; several, where the text has several. */
    public void say(String text) {
        if (mayWait(text)) {
            request(new Request.Say(text));
        }
    }

    /** The same, after everything that the daemon's latest start has written until now. */
    public void sayAfterLastWords(String daemon, String text) {
        if (mayWait(text)) {
            request(new Request.SayAfterLastWords(daemon, text));
        }
    }

    /** The last lines of what the daemon's latest start has written until now; none when it has never been started. */
    public OutputTail lastLines(String daemon, int count) {
        DaemonPipe latest = daemonPipes.latest(daemon);
        if (latest == null) {
            return _ -> List.of();
        }
        PipeDrain drain = new PipeDrain(latest, count);
        request(new Request.AwaitDrain(drain));
        return drain;
    }

    public LogTotals totals(String daemon) {
        return daemonPipes.totals(daemon);
    }

    /**
     * Reads the pipes until they are empty, puts out what is left and this line as the last, and stops.
     *
     * @param patience how long there may be no progress
     * @param deadline a {@link System#nanoTime}
     * @return whether everything is out
     */
    public boolean finish(String text, long patience, long deadline) throws InterruptedException {
        request(new Request.Finish(text));
        long written = out.written();
        long progressAt = System.nanoTime();
        while (true) {
            long now = System.nanoTime();
            long left = Math.min(progressAt + patience - now, deadline - now);
            if (left <= 0) {
                return finished.getCount() == 0;
            }
            if (finished.await(Math.min(left, patience / 10), TimeUnit.NANOSECONDS)) {
                return true;
            }
            if (out.written() != written) {
                written = out.written();
                progressAt = System.nanoTime();
            }
        }
    }

    /** Lines that never reached stdout. */
    public long droppedLines() {
        return out.droppedLines() + droppedOwnLines.get();
    }

    private boolean mayWait(String text) {
        if (waiting.addAndGet(room(text)) <= MOST_WAITING) {
            return true;
        }
        waiting.addAndGet(-room(text));
        droppedOwnLines.incrementAndGet();
        return false;
    }

    private static int room(String text) {
        return PLACE + text.length();
    }

    private void request(Request request) {
        requests.add(request);
        Descriptors.wake(wakeup);
    }

    private void pumpForever() {
        try {
            boolean over = false;
            while (!over) {
                polled.await(lastLine == null);
                // before the pipes: what we said of a cause comes out before what a daemon says of its effect
                boolean asked = takeRequests();
                putOwnLines();
                boolean read = readReady();
                putOwnLines();
                out.flush();
                over = lastLine != null && !asked && !read;
            }
            pipes.forEach(DaemonPipe::flush);
            format.own(out, lastLine);
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
                    polled.add(pipe.fd);
                }
                case Request.Say(String text) -> ownLines.add(new Line(text, null));
                case Request.SayAfterLastWords(String daemon, String text) ->
                    ownLines.add(new Line(text, expectLastWords(daemon)));
                case Request.AwaitDrain(PipeDrain drain) -> {
                    drain.expect();
                    awaited.add(drain);
                }
                case Request.Finish(String text) -> lastLine = text;
            }
        }
        return any;
    }

    private DaemonPipe expectLastWords(String daemon) {
        for (DaemonPipe pipe : pipes.reversed()) {
            if (pipe.daemon.equals(daemon)) {
                pipe.expectLastWords();
                return pipe;
            }
        }
        return null;
    }

    /** Those whose turn it is: last words come first. */
    private void putOwnLines() {
        awaited.removeIf(PipeDrain::releaseIfRead);
        while (!ownLines.isEmpty()) {
            Line line = ownLines.peek();
            if (line.after() != null) {
                if (line.after().owesLastWords()) {
                    return;
                }
                line.after().flush();
            }
            waiting.addAndGet(-room(line.text()));
            format.own(out, line.text());
            ownLines.remove();
        }
    }

    /** Reads a chunk from every pipe that has something; returns whether any had. */
    private boolean readReady() {
        boolean any = false;
        // backwards, because a pipe at its end is taken out
        for (int i = pipes.size() - 1; i >= 0; i--) {
            if (polled.isReady(i)) {
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
            polled.remove(index);
        }
    }
}
