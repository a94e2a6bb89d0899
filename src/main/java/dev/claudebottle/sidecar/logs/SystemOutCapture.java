package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.function.Consumer;

/** Replaces {@link System#out} and {@link System#err}: what a library prints becomes lines of our own. */
public final class SystemOutCapture extends OutputStream {

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Consumer<String> say;

    private SystemOutCapture(Consumer<String> say) {
        this.say = say;
    }

    /**
     * Replaces both streams for the whole JVM, so that only the pump writes to stdout.
     *
     * @param say takes each line, from the thread that prints it
     */
    public static void capture(Consumer<String> say) {
        System.setOut(new PrintStream(new SystemOutCapture(say), true, UTF_8));
        System.setErr(new PrintStream(new SystemOutCapture(say), true, UTF_8));
    }

    @Override
    public synchronized void write(int b) {
        if (b == '\n') {
            say.accept(line.toString(UTF_8));
            line.reset();
        } else {
            line.write(b);
        }
    }
}
