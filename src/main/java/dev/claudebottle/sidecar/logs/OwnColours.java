package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.Descriptors;
import java.util.Map;

/** The colours of our own lines, as SGR sequences (ECMA-48, 8.3.117). A daemon's line never has any. */
enum OwnColours {
    NONE,
    BY_LEVEL;

    private static final byte[] NOTHING = {};
    private static final byte[] CYAN = sgr("36");
    private static final byte[] YELLOW = sgr("33");
    private static final byte[] RED = sgr("31");
    private static final byte[] DEFAULT = sgr("0");

    /** @param stdout negative: there is none */
    static OwnColours on(int stdout) {
        return stdout >= 0 && Descriptors.isTerminal(stdout) && areWanted(System.getenv()) ? BY_LEVEL : NONE;
    }

    /** Whether the terminal shows colours, and nobody asks for none (https://no-color.org). */
    static boolean areWanted(Map<String, String> environment) {
        String terminal = environment.getOrDefault("TERM", "");
        return !terminal.isEmpty()
                && !terminal.equals("dumb")
                && environment.getOrDefault("NO_COLOR", "").isEmpty();
    }

    /** What begins a line. */
    byte[] begin(OwnLine.Level level) {
        if (this == NONE) {
            return NOTHING;
        }
        return switch (level) {
            case INFO -> CYAN;
            case WARNING -> YELLOW;
            case ERROR -> RED;
        };
    }

    /** What ends it, before the newline. */
    byte[] end() {
        return this == NONE ? NOTHING : DEFAULT;
    }

    private static byte[] sgr(String parameter) {
        return ("\u001b[" + parameter + "m").getBytes(US_ASCII);
    }
}
