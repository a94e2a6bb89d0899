package dev.claudebottle.sidecar.logs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Our output on its way to stdout, in a fixed number of pages: the pump's thread fills one while the writer's thread
 * writes the others. A slow reader of stdout leaves no empty page, and so makes the pump wait.
 */
final class OutputBuffer implements ByteSink {

    /** With only two, each thread would often wait for the other to wake up. */
    private static final int PAGES = 4;

    /** Stdout is blocked when it takes nothing for so long, and not only slower than the daemons. */
    private static final long BLOCKED_AFTER_MILLIS = 20;

    private final Stdout stdout;
    private final Runnable whileBlocked;
    private final BlockingQueue<Page> full = new ArrayBlockingQueue<>(PAGES);

    /** May hold the wake-up as well. */
    private final BlockingQueue<Page> empty = new ArrayBlockingQueue<>(PAGES + 1);

    /** Stands among the empty pages to wake up the pump's thread while it waits for one. */
    private final Page wakeup = new Page(0);

    private final AtomicBoolean woken = new AtomicBoolean();
    private Page page = new Page();

    /**
     * @param fd negative: there is no stdout, and every line is dropped and counted
     * @param whileBlocked called by the pump's thread when stdout is blocked, and then after each {@link #wakeUp}; must not put anything
     */
    OutputBuffer(int fd, Runnable whileBlocked) {
        this.whileBlocked = whileBlocked;
        stdout = new Stdout(fd);
        for (int others = PAGES - 1; others > 0; others--) {
            empty.add(new Page());
        }
    }

    void start(Consumer<Throwable> onFault) {
        Thread thread = new Thread(() -> writeForever(onFault), "writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** See {@link Stdout#progress}. */
    long progress() {
        return stdout.progress();
    }

    long droppedLines() {
        return stdout.droppedLines();
    }

    /** Lets the pump's thread do what is to be done while it waits for stdout; from any thread. */
    void wakeUp() {
        if (woken.compareAndSet(false, true)) {
            empty.add(wakeup);
        }
    }

    /** See {@link Stdout#writeDirectly}. */
    void writeDirectly(byte[] lines, long deadline) {
        stdout.writeDirectly(lines, deadline);
    }

    @Override
    public void put(byte value) {
        if (page.length == Page.SIZE) {
            flush();
        }
        page.bytes[page.length++] = value;
    }

    @Override
    public void put(byte[] source) {
        put(source, 0, source.length);
    }

    @Override
    public void put(byte[] source, int from, int to) {
        int at = from;
        while (at < to) {
            if (page.length == Page.SIZE) {
                flush();
            }
            int piece = Math.min(to - at, Page.SIZE - page.length);
            System.arraycopy(source, at, page.bytes, page.length, piece);
            page.length += piece;
            at += piece;
        }
    }

    /** Hands everything so far to the writer; waits while no page is empty. */
    void flush() {
        if (page.length > 0) {
            full.add(page);
            page = takeEmpty();
        }
    }

    private Page takeEmpty() {
        while (true) {
            Page next = take(empty, BLOCKED_AFTER_MILLIS);
            if (next == null) {
                whileBlocked.run();
                next = take(empty);
            }
            if (next != wakeup) {
                return next;
            }
            woken.set(false);
        }
    }

    /** Waits until everything has been written. */
    void drain() {
        flush();
        List<Page> others = new ArrayList<>();
        while (others.size() < PAGES - 1) {
            others.add(takeEmpty());
        }
        empty.addAll(others);
    }

    private void writeForever(Consumer<Throwable> onFault) {
        try {
            while (true) {
                Page next = take(full);
                stdout.write(next);
                next.length = 0;
                empty.add(next);
            }
        } catch (Throwable fault) {
            onFault.accept(fault);
        }
    }

    /** Null when there is none in time. */
    private static Page take(BlockingQueue<Page> pages, long millis) {
        try {
            return pages.poll(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("cannot go on writing: interrupted", impossible);
        }
    }

    private static Page take(BlockingQueue<Page> pages) {
        try {
            return pages.take();
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("cannot go on writing: interrupted", impossible);
        }
    }
}
