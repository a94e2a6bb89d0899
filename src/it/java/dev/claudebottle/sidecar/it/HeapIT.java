package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What daemons write does not use up our memory; if the heap is full all the same, we say so and leave. */
@NeedsNamespaces
class HeapIT {

    @Test
    void manyUnfinishedLinesAreNoProblem() throws Exception {
        // Given: 50 MB that no newline ends
        BundleText bundle = bundle();
        IntStream.range(0, 50)
                .forEach(i -> bundle.daemon("d" + i, "head -c 1000000 /dev/zero | tr '\\0' x; exec sleep 1000"));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            program.awaitThat("all of it", () -> loggedBytes(program) == 50_000_000);
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(program.ownLines()).last().isEqualTo("exit 0");
        }
    }

    private static double loggedBytes(Program program) {
        return program.http
                .get("/q/metrics", "Accept", "text/plain")
                .body()
                .lines()
                .filter(line -> line.startsWith("sidecar_daemon_log_bytes_total{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** A heap in which we start with room to spare, and which the daemons' unfinished lines then fill: the JVM itself ends, or hangs, in a tighter one. */
    @ParameterizedTest
    @ValueSource(strings = {"text", "json"})
    void aFullHeapEndsAsAFaultThatIsSaid(String format) throws Exception {
        // Given
        BundleText bundle = bundle().daemon("pipelock", OBEDIENT);
        IntStream.range(0, 30)
                .forEach(i -> bundle.daemon("d" + i, "head -c 1000000 /dev/zero | tr '\\0' x; exec sleep 1000"));

        // When
        try (Program program = ProgramBuilder.of(bundle)
                .with("--log-format", format)
                .env("JDK_JAVA_OPTIONS", "-XX:+UseSerialGC")
                .env("JAVA_TOOL_OPTIONS", "")
                .env("_JAVA_OPTIONS", "-Xmx16m -Xms16m")
                .start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isEqualTo(70);
            assertThat(program.lines()).anyMatch(line -> line.contains("internal error; SIGKILL to all"));
            assertThat(program.lines()).last().asString().contains("exit 70");
        }
    }
}
