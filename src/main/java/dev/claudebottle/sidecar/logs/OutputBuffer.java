package dev.claudebottle.sidecar.logs;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * What the pump puts out, in pages that go round: one is filled by the pump's thread while a thread of its own writes
 * those before it. A slow reader of stdout holds the pages back, and with them the pump.
 */
final class OutputBuffer implements Sink {

    /** With two, each thread would often wait until the other one has woken up. */
    private static final int PAGES = 4;

    private final Stdout stdout;
    private final BlockingQueue<Page> full = new ArrayBlockingQueue<>(PAGES);
    private final BlockingQueue<Page> empty = new ArrayBlockingQueue<>(PAGES);
    private Page page = new Page();

    /** @param fd negative: there is no stdout, and every line is dropped and counted */
    OutputBuffer(int fd) {
        stdout = new Stdout(fd);
        for (int others = PAGES - 1; others > 0; others--) {
            empty.add(new Page());
        }
    }

    void begin(Consumer<Throwable> onFault) {
        Thread thread = new Thread(() -> writeForever(onFault), "writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** It grows as long as there is progress. */
    long written() {
        return stdout.written();
    }

    long droppedLines() {
        return stdout.droppedLines();
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

    /** Hands over everything so far; waits while all other pages are still to be written. */
    void flush() {
        if (page.length > 0) {
            full.add(page);
            page = take(empty);
        }
    }

    /** Returns when everything is out. */
    void drain() {
        flush();
        List<Page> others = new ArrayList<>();
        while (others.size() < PAGES - 1) {
            others.add(take(empty));
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

    private static Page take(BlockingQueue<Page> pages) {
        try {
            return pages.take();
        } catch (InterruptedException impossible) {
            throw new IllegalStateException("cannot go on writing: interrupted", impossible);
        }
    }
}
