package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.Logs;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.lifecycle.Seconds;
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

    /** Puts a line of our own, or several with the same fields when the message has several. */
    default void ownLine(OutputBuffer out, OwnLine line) {
        Label label = label(line);
        line.message().lines().forEach(text -> {
            byte[] bytes = text.getBytes(UTF_8);
            out.put(colours().begin(line.level()));
            begin(out, label, false);
            text(out, bytes, 0, bytes.length);
            out.put(colours().end());
            end(out, false);
        });
    }

    /** Those of our own lines. */
    OwnColours colours();

    /** Lines of our own as bytes, from any thread; for messages that need no escaping. The time is that of this call. */
    default byte[] ownLines(List<OwnLine> lines) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        lines.forEach(line -> ownLine(bytes, line));
        return bytes.toByteArray();
    }

    void ownLine(ByteArrayOutputStream out, OwnLine line);

    /** The label of a line of our own. */
    Label label(OwnLine line);

    /** The label of a daemon's lines. */
    Label label(String daemon);

    /**
     * @param identity is in each line of JSON
     * @param stdout where the lines go; negative: nowhere
     */
    static LineFormat of(Logs logs, Identity identity, int stdout) {
        return switch (logs.format()) {
            case TEXT -> new Text(new Escaper(false, logs.colour()), OwnColours.on(stdout));
            case JSON -> new Json(new Escaper(true, logs.colour()), new CachedTimestamp(), Json.fields(identity));
        };
    }

    /**
     * The source of a line, a daemon or ourselves, as bytes of one format.
     *
     * @param continued for the later pieces of a line
     */
    record Label(byte[] begin, byte[] continued) {

        static Label of(String begin) {
            return of(begin, begin);
        }

        static Label of(String begin, String continued) {
            return new Label(bytes(begin), bytes(continued));
        }
    }

    /** {@code [name] line}, {@code sidecar-init: message}; on a terminal the latter has colours. */
    record Text(Escaper escaper, OwnColours colours) implements LineFormat {

        private static final Label OWN = Label.of("sidecar-init: ");

        @Override
        public void begin(OutputBuffer out, Label label, boolean continued) {
            out.put(continued ? label.continued() : label.begin());
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
        public void ownLine(ByteArrayOutputStream out, OwnLine line) {
            out.writeBytes(colours.begin(line.level()));
            out.writeBytes(OWN.begin());
            out.writeBytes(bytes(line.message()));
            out.writeBytes(colours.end());
            out.write('\n');
        }

        @Override
        public Label label(OwnLine line) {
            return OWN;
        }

        @Override
        public Label label(String daemon) {
            return Label.of("[" + daemon + "] ", "[" + daemon + "]+ ");
        }
    }

    /**
     * {@code {"time":…,"daemon":…,"message":…}}; for our own lines, the fields of {@link OwnLine} instead of the daemon.
     *
     * @param identity what follows the time: the end of its text, and the fields that say who we are
     */
    record Json(Escaper escaper, CachedTimestamp timestamp, String identity) implements LineFormat {

        private static final byte[] TIME = bytes("{\"time\":\"");
        private static final byte[] MESSAGE = bytes(",\"message\":\"");
        private static final byte[] END = bytes("\"}\n");
        private static final byte[] CONTINUED = bytes("\",\"continued\":true}\n");

        @Override
        public void begin(OutputBuffer out, Label label, boolean continued) {
            out.put(TIME);
            out.put(timestamp.now());
            out.put(label.begin());
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
        public void ownLine(ByteArrayOutputStream out, OwnLine line) {
            out.writeBytes(TIME);
            out.writeBytes(bytes(UtcTime.format(Instant.now())));
            out.writeBytes(label(line).begin());
            out.writeBytes(MESSAGE);
            out.writeBytes(bytes(line.message()));
            out.writeBytes(END);
        }

        @Override
        public OwnColours colours() {
            return OwnColours.NONE;
        }

        /** No value needs escaping: they are words of ours, names of daemons, signals and {@link Identity}, and numbers. */
        @Override
        public Label label(OwnLine line) {
            StringBuilder fields = new StringBuilder(identity);
            putString(fields, "level", line.level().word());
            if (line.event() != null) {
                putString(fields, "event", line.event().word());
            }
            if (line.subject() != null) {
                putString(fields, "subject", line.subject());
            }
            if (line.code() != null) {
                put(fields, "code", line.code().toString());
            }
            if (line.signal() != null) {
                putString(fields, "signal", line.signal());
            }
            if (line.seconds() != null) {
                put(fields, "seconds", Seconds.of(line.seconds().toNanos()).toPlainString());
            }
            return Label.of(fields.toString());
        }

        @Override
        public Label label(String daemon) {
            StringBuilder fields = new StringBuilder(identity);
            putString(fields, "daemon", daemon);
            return Label.of(fields.toString());
        }

        static String fields(Identity identity) {
            StringBuilder fields = new StringBuilder("\"");
            identity.bottle().ifPresent(bottle -> putString(fields, "bottle", bottle));
            identity.namespace().ifPresent(namespace -> putString(fields, "namespace", namespace));
            identity.pod().ifPresent(pod -> putString(fields, "pod", pod));
            return fields.toString();
        }

        private static void putString(StringBuilder fields, String name, String value) {
            put(fields, name, '"' + value + '"');
        }

        private static void put(StringBuilder fields, String name, String value) {
            fields.append(",\"").append(name).append("\":").append(value);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
