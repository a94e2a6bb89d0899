package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.lifecycle.UtcTime;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;

/** How a line is written to stdout. Used by the pump's thread alone. */
sealed interface LineFormat {

    /** Puts what precedes a line's text. */
    void begin(OutputBuffer out, Label label, boolean continued);

    /** Puts text of any bytes, escaped. */
    void text(OutputBuffer out, byte[] bytes, int from, int to);

    /** Puts text that is known to be printable ASCII. */
    void plain(OutputBuffer out, byte[] bytes, int from, int to);

    /** Puts what follows a line's text. */
    void end(OutputBuffer out, boolean continued);

    /** Puts a line of our own, or several when the text has several. */
    default void ownLine(OutputBuffer out, String text) {
        text.lines().forEach(line -> {
            byte[] bytes = line.getBytes(UTF_8);
            begin(out, Label.OWN, false);
            text(out, bytes, 0, bytes.length);
            end(out, false);
        });
    }

    /** Lines of our own as bytes, from any thread; for texts that need no escaping. The time is that of this call. */
    default byte[] ownLines(List<String> texts) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        texts.forEach(text -> ownLine(lines, text.getBytes(UTF_8)));
        return lines.toByteArray();
    }

    void ownLine(ByteArrayOutputStream lines, byte[] text);

    static LineFormat of(LogFormat format) {
        return switch (format) {
            case TEXT -> new Text(new Escaper(false));
            case JSON -> new Json(new Escaper(true), new CachedTimestamp());
        };
    }

    /** The source of a line, a daemon or ourselves, in each format's bytes. */
    record Label(byte[] text, byte[] continuedText, byte[] json) {

        static final Label OWN = new Label(bytes("sidecar-init: "), bytes("sidecar-init: "), bytes("\""));

        static Label of(String daemon) {
            return new Label(
                    bytes("[" + daemon + "] "), bytes("[" + daemon + "]+ "), bytes("\",\"daemon\":\"" + daemon + "\""));
        }
    }

    /** {@code [name] line}, {@code sidecar-init: message}. */
    record Text(Escaper escaper) implements LineFormat {

        @Override
        public void begin(OutputBuffer out, Label label, boolean continued) {
            out.put(continued ? label.continuedText() : label.text());
        }

        @Override
        public void text(OutputBuffer out, byte[] bytes, int from, int to) {
            escaper.put(out, bytes, from, to);
        }

        @Override
        public void plain(OutputBuffer out, byte[] bytes, int from, int to) {
            out.put(bytes, from, to);
        }

        @Override
        public void end(OutputBuffer out, boolean continued) {
            out.put((byte) '\n');
        }

        @Override
        public void ownLine(ByteArrayOutputStream lines, byte[] text) {
            lines.writeBytes(Label.OWN.text());
            lines.writeBytes(text);
            lines.write('\n');
        }
    }

    /** {@code {"time":…,"daemon":…,"message":…}}. */
    record Json(Escaper escaper, CachedTimestamp timestamp) implements LineFormat {

        private static final byte[] TIME = bytes("{\"time\":\"");
        private static final byte[] MESSAGE = bytes(",\"message\":\"");
        private static final byte[] END = bytes("\"}\n");
        private static final byte[] CONTINUED = bytes("\",\"continued\":true}\n");

        @Override
        public void begin(OutputBuffer out, Label label, boolean continued) {
            out.put(TIME);
            out.put(timestamp.now());
            out.put(label.json());
            out.put(MESSAGE);
        }

        @Override
        public void text(OutputBuffer out, byte[] bytes, int from, int to) {
            escaper.put(out, bytes, from, to);
        }

        /** Printable ASCII includes quotes and backslashes, which JSON escapes. */
        @Override
        public void plain(OutputBuffer out, byte[] bytes, int from, int to) {
            escaper.put(out, bytes, from, to);
        }

        @Override
        public void end(OutputBuffer out, boolean continued) {
            out.put(continued ? CONTINUED : END);
        }

        @Override
        public void ownLine(ByteArrayOutputStream lines, byte[] text) {
            lines.writeBytes(TIME);
            lines.writeBytes(bytes(UtcTime.format(Instant.now())));
            lines.writeBytes(Label.OWN.json());
            lines.writeBytes(MESSAGE);
            lines.writeBytes(text);
            lines.writeBytes(END);
        }
    }

    private static byte[] bytes(String ascii) {
        return ascii.getBytes(UTF_8);
    }
}
