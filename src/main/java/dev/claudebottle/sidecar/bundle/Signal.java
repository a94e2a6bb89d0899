package dev.claudebottle.sidecar.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A signal by its Linux number (signal(7); the same on x86-64 and aarch64).
 *
 * @param number 1 to 64
 */
public record Signal(int number) {

    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");

    /** glibc keeps 32 and 33 for itself. */
    public static final int RTMIN = 34;

    public static final int MAX = 64;

    public static final Signal HUP = new Signal(1);
    public static final Signal INT = new Signal(2);
    public static final Signal KILL = new Signal(9);
    public static final Signal TERM = new Signal(15);
    public static final Signal CONT = new Signal(18);

    public Signal {
        if (number < 1 || number > MAX) {
            throw new IllegalArgumentException("no such signal: " + number);
        }
    }

    /** With and without SIG; those of real-time signals are left out. */
    public static List<String> names() {
        List<String> names = new ArrayList<>(NAMES);
        for (String name : NAMES) {
            names.add("SIG".concat(name));
        }
        return List.copyOf(names);
    }

    /** {@code SIGTERM}, {@code SIGRTMIN+1}. */
    @Override
    public String toString() {
        if (number <= NAMES.size()) {
            return "SIG" + NAMES.get(number - 1);
        }
        return number < RTMIN ? "SIG" + number : number == RTMIN ? "SIGRTMIN" : "SIGRTMIN+" + (number - RTMIN);
    }

    /** Takes {@code SIGTERM} and {@code TERM}, as Compose does; empty for anything else. */
    public static Optional<Signal> parse(String name) {
        String full = name.startsWith("SIG") ? name : "SIG" + name;
        for (int number = 1; number <= MAX; number++) {
            Signal signal = new Signal(number);
            if (signal.toString().equals(full) && (number <= NAMES.size() || number >= RTMIN)) {
                return Optional.of(signal);
            }
        }
        return Optional.empty();
    }
}
