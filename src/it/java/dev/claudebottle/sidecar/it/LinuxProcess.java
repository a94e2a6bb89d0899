package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A process, by its files in /proc. */
record LinuxProcess(long pid) {

    List<Long> children() {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::children)
                .map(ProcessHandle::pid)
                .toList();
    }

    List<LinuxProcess> descendants() {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::descendants)
                .map(handle -> new LinuxProcess(handle.pid()))
                .toList();
    }

    /** A zombie does not count as alive. */
    boolean isAlive() {
        return state() != 'Z' && state() != 'X';
    }

    /** The state as in proc_pid_stat(5); {@code X} when it does not exist. */
    char state() {
        try {
            String stat = read("stat");
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (UncheckedIOException gone) {
            return 'X';
        }
    }

    String commandLine() {
        return readIfThere("cmdline").replace('\0', ' ').strip();
    }

    /** What it was started with. */
    String environment() {
        return readIfThere("environ");
    }

    /** Its pid in its own namespace; -1 when it does not exist. */
    int pidInside() {
        String numbers = readIfThere("status")
                .lines()
                .filter(line -> line.startsWith("NSpid:"))
                .findFirst()
                .orElse("NSpid:\t-1");
        return Integer.parseInt(numbers.substring(numbers.lastIndexOf('\t') + 1));
    }

    /** Sends SIGKILL; returns whether it was alive. */
    boolean kill() {
        return isAlive()
                && ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
    }

    /** Whether its first thread blocks this signal. */
    boolean blocks(int signal) {
        return readIfThere("status")
                .lines()
                .filter(line -> line.startsWith("SigBlk:"))
                .anyMatch(line -> (Long.parseUnsignedLong(
                                                line.substring("SigBlk:".length())
                                                        .strip(),
                                                16)
                                        >> (signal - 1)
                                & 1)
                        == 1);
    }

    String read(String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file), ISO_8859_1);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** Empty when the process does not exist. */
    private String readIfThere(String file) {
        try {
            return read(file);
        } catch (UncheckedIOException gone) {
            return "";
        }
    }

    /** Local addresses of its listening TCP and its UDP sockets, in hexadecimal as in /proc/net. */
    List<String> listeningAddresses() {
        List<String> own = descriptors();
        return Stream.of("tcp", "tcp6", "udp", "udp6")
                .flatMap(table -> read("net/" + table).lines().skip(1))
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields[3].equals("0A") || fields[3].equals("07"))
                .filter(fields -> own.contains("socket:[" + fields[9] + "]"))
                .map(fields -> fields[1].substring(0, fields[1].indexOf(':')))
                .toList();
    }

    /** @param name its first 15 characters */
    boolean hasThread(String name) {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return threads.anyMatch(thread -> readIfThere("task/" + thread.getFileName() + "/comm")
                    .strip()
                    .equals(name));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    int threads() {
        return read("status")
                .lines()
                .filter(line -> line.startsWith("Threads:"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
                .sum();
    }

    int residentKilobytes() {
        return read("status")
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
                .sum();
    }

    /** The targets of its open descriptors, such as {@code pipe:[123]}. */
    List<String> descriptors() {
        try (Stream<Path> links = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return links.map(LinuxProcess::target).toList();
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closed) {
            return "";
        }
    }

    static void signal(String name, long pid) {
        assertThat(shell("kill -" + name + " " + pid)).isZero();
    }

    /** Runs a shell command; returns its exit code. */
    static int shell(String command) {
        try {
            return new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor();
        } catch (IOException | InterruptedException failure) {
            throw new IllegalStateException("cannot run " + command, failure);
        }
    }

    static boolean exists(String program) {
        return Stream.of("/usr/sbin", "/usr/bin", "/sbin", "/bin")
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
