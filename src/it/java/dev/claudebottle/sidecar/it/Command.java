package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the command line of another program. */
public final class Command {

    private static final long LIMIT_SECONDS = 600;

    /** @param output stdout and stderr, merged */
    public record Result(int code, String output) {

        public Result succeeded() {
            assertThat(code).as(output).isZero();
            return this;
        }

        public Result failed() {
            assertThat(code).as(output).isNotZero();
            return this;
        }
    }

    private Command() {}

    /** Runs the command with these variables besides ours, and with this text as its stdin. */
    public static Result run(Map<String, String> environment, String input, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            // a program may end, or fill its output, before it has read all
            Thread.ofVirtual().start(() -> write(process, input));
            // killing a process that hangs also closes its output
            Thread watch = Thread.ofVirtual().start(() -> endAtTheLimit(process));
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            int code = process.waitFor();
            watch.interrupt();
            return new Result(code, output);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("cannot run " + command, e);
        }
    }

    private static void write(Process process, String input) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(UTF_8));
        } catch (IOException ended) {
            // it needed no more
        }
    }

    private static void endAtTheLimit(Process process) {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException over) {
            // the process has ended by itself
        }
    }
}
