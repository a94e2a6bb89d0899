package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.function.Consumer;

/**
 * Replaces {@link System#out} and {@link System#err}: what a library prints becomes lines of our own. A line that begins with a level, as
 * Quarkus' log and the JDK's warnings do, has that level, and so have the lines after it, such as a stack trace.
 */
public final class SystemOutCapture extends OutputStream {

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Consumer<OwnLine> say;
    private OwnLine.Level level;

    private SystemOutCapture(OwnLine.Level level, Consumer<OwnLine> say) {
        this.level = level;
        this.say = say;
    }

    /**
     * Replaces both streams for the whole JVM, so that only the pump writes to stdout.
     *
     * @param say takes each line, from the thread that prints it
     */
    public static void capture(Consumer<OwnLine> say) {
        System.setOut(new PrintStream(new SystemOutCapture(OwnLine.Level.INFO, say), true, UTF_8));
        System.setErr(new PrintStream(new SystemOutCapture(OwnLine.Level.ERROR, say), true, UTF_8));
    }

    @Override
    public synchronized void write(int b) {
        if (b == '\n') {
            String text = line.toString(UTF_8);
            line.reset();
            level = level(text);
            say.accept(OwnLine.of(level, text));
        } else {
            line.write(b);
        }
    }

    private OwnLine.Level level(String text) {
        int end = 0;
        while (end < text.length() && text.charAt(end) >= 'A' && text.charAt(end) <= 'Z') {
            end++;
        }
        return switch (text.substring(0, end)) {
            case "FATAL", "ERROR" -> OwnLine.Level.ERROR;
            case "WARN", "WARNING" -> OwnLine.Level.WARNING;
            case "INFO", "DEBUG", "TRACE" -> OwnLine.Level.INFO;
            default -> level;
        };
    }
}
