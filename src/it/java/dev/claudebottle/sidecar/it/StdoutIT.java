package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.BundleText.seq;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to our stdout, the guards stay up and a stop ends in time. */
@NeedsNamespaces
class StdoutIT {

    private static final String FLOOD = "exec yes";

    @TempDir
    Path directory;

    @Test
    void whileNobodyReadsHttpAnswersAndDeathsAreReported() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("flood", FLOOD).daemon("egress", "sleep 0.5; echo last words; exit 3");

        // When
        try (Program program = ProgramBuilder.of(bundle).unread().start()) {
            program.awaitThat("http", program.http::answers);
            program.awaitThat(
                    "the death", () -> program.http.daemon("egress", "state").equals("exited"));

            // Then
            assertThat(program.http.health("live")).isEqualTo(200);
            assertThat(program.http.health("ready")).isEqualTo(503);
            assertThat(program.http.<Integer>daemon("egress", "lastExit.code")).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whileNobodyReadsAStopEndsWithinTheGraceAndOneAndAHalfSeconds(boolean deaf) throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 500ms")
                .daemon("flood", FLOOD)
                .daemon("egress", deaf ? IGNORES_TERM : OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).unread().start()) {
            program.awaitThat("http", program.http::answers);
            program.signal("TERM");
            int code = program.exitCodeWithin(Duration.ofMillis(2000));

            // Then
            assertThat(code).isZero();
        }
    }

    @Test
    void nothingIsLostWhenReadingResumes() throws Exception {
        // Given
        BundleText bundle =
                bundle().daemon("egress", "seq 100000; exec sleep 1000").daemon("pipelock", "exit 4");

        // When
        try (Program program = ProgramBuilder.of(bundle).unread().start()) {
            program.awaitThat(
                    "the death", () -> program.http.daemon("pipelock", "state").equals("exited"));
            program.readStdout();
            program.awaitLine("[egress] 100000");
            int code = program.stop();

            // Then
            assertThat(code).isEqualTo(4);
            assertThat(program.linesOf("egress")).isEqualTo(seq(100_000));
            assertThat(program.ownLines()).anyMatch(line -> line.startsWith("pipelock exited with code 4;"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exec >&-",
                "exec >/dev/full",
                "mkfifo $PIPE; exec 8<>$PIPE >$PIPE 8<&-",
                "exec >/dev/null",
                "exec </dev/null >&0"
            })
    void whenStdoutIsClosedOrFailsTheGuardsStayUpAndTheExitCodeIsRight(String setup) throws Exception {
        // Given
        Path proof = directory.resolve("proof");
        BundleText bundle = bundle().daemon("egress", "echo words; seq 2000; exit 5")
                .daemon("pipelock", "sleep 0.5; seq 2000; echo alive >" + proof + "; exec sleep 1000");

        // When
        try (Program program = ProgramBuilder.of(bundle)
                .setup("PIPE=" + directory.resolve("pipe") + "; " + setup)
                .start()) {
            program.awaitThat("a guard that is up", () -> Files.exists(proof) && Files.size(proof) > 0);
            program.awaitThat("http", program.http::answers);
            String state = program.http.daemon("pipelock", "state");
            int code = program.stop();

            // Then
            assertThat(state).isEqualTo("running");
            assertThat(code).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<", ">", "2>", "< >", "< 2>", "> 2>", "< > 2>"})
    void withAnyOfTheStandardDescriptorsClosedThoseOfADaemonAreStillRight(String closed) throws Exception {
        // Given
        Path proof = directory.resolve("proof");
        BundleText bundle =
                bundle().daemon("egress", "(ls /proc/$$/fd; cd /proc/$$/fd; readlink 0 1 2) >" + proof + "; exit 5");
        String setup = closed.isEmpty() ? "" : "exec " + String.join("&- ", closed.split(" ")) + "&-";

        // When
        try (Program program = ProgramBuilder.of(bundle).setup(setup).start()) {
            int code = program.exitCode();

            // Then
            List<String> descriptors = Files.readAllLines(proof);
            assertThat(code).isEqualTo(5);
            assertThat(descriptors).hasSize(6).startsWith("0", "1", "2", "/dev/null");
            assertThat(descriptors.subList(4, 6)).allMatch(target -> target.startsWith("pipe:"));
        }
    }

    @Test
    void aFileGetsEveryByte() throws Exception {
        // Given
        Path file = Files.writeString(directory.resolve("log"), "before\n");
        BundleText bundle = bundle().daemon("egress", "seq 50000");

        // When
        try (Program program = ProgramBuilder.of(bundle).setup("exec >>" + file).start()) {
            program.exitCode();

            // Then
            List<String> lines = Files.readAllLines(file);
            assertThat(lines).startsWith("before", "sidecar-init: starting egress");
            assertThat(lines.stream()
                            .filter(line -> line.startsWith("[egress] "))
                            .map(line -> line.substring(9)))
                    .isEqualTo(seq(50_000));
            assertThat(lines).last().isEqualTo("sidecar-init: exit 0");
        }
    }

    @Test
    void restartsGoOnWhileStdoutIsBlockedUntilTheirOutputReachesItsBound() throws Exception {
        // Given: one daemon that blocks stdout, and one that dies again and again
        BundleText bundle = bundle(
                        "failure_policy: restart",
                        "restart: {initial_delay: 20ms, max_delay: 20ms, crash_loop_deaths: 1000000}")
                .daemon("egress", "seq 1000000; exec sleep 1000")
                .daemon("pipelock", "seq 300; printf unfinished");

        // When
        try (Program program = ProgramBuilder.of(bundle).unread().start()) {
            program.awaitHttp();
            program.awaitThat(
                    "restarts", () -> (int) program.http.daemon("pipelock").get("starts") >= 20);
            program.awaitThat(
                    "a start that waits",
                    () -> program.http.daemon("pipelock").get("state").equals("backoff"));
            await().during(Duration.ofSeconds(1))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> program.http.daemon("pipelock").get("state").equals("backoff"));
            int starts = program.http.daemon("pipelock", "starts");
            int descriptors = program.proc().descriptors().size();
            program.readStdout();

            // Then
            program.awaitThat(
                    "more starts", () -> (int) program.http.daemon("pipelock").get("starts") > starts + 20);
            int code = program.stop();
            assertThat(descriptors).isLessThan(150);
            assertThat(code).isZero();
            List<String> lines = program.linesOf("pipelock");
            List<String> once =
                    Stream.concat(seq(300).stream(), Stream.of("unfinished")).toList();
            for (int at = 0; at + once.size() < lines.size(); at += once.size()) {
                assertThat(lines.subList(at, at + once.size())).isEqualTo(once);
            }
            assertThat(lines.size()).isGreaterThan(starts * once.size());
            assertThat(program.ownLines()).contains("the next start of pipelock waits until its output has been read");
        }
    }

    @Test
    void aStopGoesOnWhileRestartsWaitForStdout() throws Exception {
        // Given
        BundleText bundle = bundle(
                        "stop_grace_period: 2s",
                        "failure_policy: restart",
                        "restart: {initial_delay: 1ms, max_delay: 1ms, crash_loop_deaths: 1000000}")
                .daemon("egress", "seq 1000000; exec sleep 1000")
                .daemon("pipelock", "seq 300");

        // When
        try (Program program = ProgramBuilder.of(bundle).unread().start()) {
            program.awaitHttp();
            program.awaitThat(
                    "restarts", () -> (int) program.http.daemon("pipelock").get("starts") >= 20);
            program.signal("TERM");

            // Then
            program.exitCodeWithin(Duration.ofMillis(3500));
        }
    }

    @Test
    void aPipeThatDoesNotBlockLosesNothing() throws Exception {
        // Given: dd sets O_NONBLOCK on the open file, which we share
        BundleText bundle = bundle().daemon("egress", "seq 100000; exec sleep 1000");
        ProgramBuilder builder = ProgramBuilder.of(bundle)
                .setup("dd if=/dev/null oflag=nonblock 2>/dev/null; grep flags /proc/self/fdinfo/3 3>&1 >&2")
                .unread();

        // When
        try (Program program = builder.start()) {
            program.awaitThat("http", program.http::answers);
            program.readStdout();
            program.awaitLine("[egress] 100000");
            program.stop();

            // Then
            assertThat(program.errors()).first().asString().matches("flags:\\s+0?[0-7]*4[0-7]{3}");
            assertThat(program.linesOf("egress")).isEqualTo(seq(100_000));
        }
    }

    @Test
    void nothingIsEverWrittenToStderr() throws Exception {
        // Given
        BundleText bundle =
                bundle().daemon("egress", "echo out; echo err >&2; exit 5").daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock");
            program.awaitThat("http", program.http::answers);
            program.stop();

            // Then
            assertThat(program.errors()).isEmpty();
            assertThat(program.lines())
                    .allMatch(line -> line.startsWith("sidecar-init: ")
                            || line.startsWith("[egress] ")
                            || line.startsWith("[pipelock] "));
        }
    }
}
