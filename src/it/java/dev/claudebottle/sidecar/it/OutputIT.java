package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.BundleText.seq;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All output of daemons comes out, in order, and before our lines about its end. */
@NeedsNamespaces
class OutputIT {

    @TempDir
    Path directory;

    @Test
    void everyByteOfFourDaemonsAtFullSpeedComesOut() throws Exception {
        // Given
        BundleText bundle = bundle();
        String[] expected = new String[4];
        for (int i = 0; i < 4; i++) {
            byte[] bytes = text(10_000_000, i);
            expected[i] = LineDigests.of(bytes);
            bundle.command(
                    "d" + i,
                    List.of(
                            "cat",
                            Files.write(directory.resolve("text" + i), bytes).toString()));
        }
        LineDigests digests = new LineDigests();

        // When
        try (Program program = ProgramBuilder.of(bundle).into(digests).start()) {
            int code = program.exitCode();

            // Then
            assertThat(code).isZero();
            assertThat(IntStream.range(0, 4).mapToObj(i -> digests.of("d" + i))).containsExactly(expected);
        }
    }

    private static byte[] text(int size, int seed) {
        byte[] bytes = new byte[size];
        Random random = new Random(seed);
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (random.nextInt(100) == 0 ? '\n' : ' ' + random.nextInt('~' - ' ' + 1));
        }
        bytes[size - 1] = '\n';
        return bytes;
    }

    @Test
    void aLastLineWithoutANewlineIsDelivered() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "echo first; printf last");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            assertThat(program.linesOf("egress")).containsExactly("first", "last");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"exit 3", "kill -KILL $$", "printf unfinished; exit 3"})
    void lastWordsComeBeforeTheLineThatReportsTheDeath(String end) throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "seq 5000; " + end).daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("pipelock");
            program.awaitLine(line -> line.startsWith("sidecar-init: egress exited"), "of the death");
            List<String> before = program.lines().stream()
                    .takeWhile(line -> !line.startsWith("sidecar-init: egress exited"))
                    .filter(line -> line.startsWith("[egress] "))
                    .toList();
            program.stop();

            // Then
            assertThat(program.linesOf("egress")).hasSize(before.size());
            assertThat(before).contains("[egress] 5000");
        }
    }

    @Test
    void aThousandLinesOnTheStopSignalFromEachDaemonComeOutInOrder() throws Exception {
        // Given
        String talkative = "trap 'seq 1000; exit 0' TERM; echo up; while :; do sleep 0.02; done";
        BundleText bundle = bundle();
        List<String> names = List.of("egress", "pipelock", "git-gate", "supervise");
        names.forEach(name -> bundle.daemon(name, talkative));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp(names.toArray(String[]::new));
            int code = program.stop();

            // Then
            assertThat(code).isZero();
            assertThat(names)
                    .allSatisfy(name -> assertThat(program.linesOf(name))
                            .filteredOn(line -> !line.equals("up") && !line.equals("Terminated"))
                            .isEqualTo(seq(1000)));
            assertThat(program.lines()).last().isEqualTo("sidecar-init: exit 0");
        }
    }

    @Test
    void stdoutAndStderrOfADaemonAreOneStreamInItsOrder() throws Exception {
        // Given
        BundleText bundle = bundle().daemon(
                        "egress", "i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo $i; i=$((i+1)); echo $i >&2; done");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            assertThat(program.linesOf("egress")).isEqualTo(seq(200));
        }
    }

    @Test
    void oneOutputLineAlwaysComesFromOneDaemon() throws Exception {
        // Given
        String halves = "i=0; while [ $i -lt 300 ]; do printf \"$0$0$0$0\"; echo \"$0$0$0$0\"; i=$((i+1)); done";
        BundleText bundle = bundle().command("a", List.of("sh", "-c", halves, "aaaa"))
                .command("b", List.of("sh", "-c", halves, "bbbb"))
                .command("c", List.of("sh", "-c", halves, "cccc"));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.exitCode();

            // Then
            for (String name : List.of("a", "b", "c")) {
                assertThat(program.linesOf(name)).hasSize(300).containsOnly(name.repeat(32));
            }
        }
    }

    @Test
    void aDaemonThatClosesItsOutputIsNotDead() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "echo up; exec >&- 2>&-; exec sleep 1000");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitThat("ready", () -> program.http.health("ready") == 200);
            int code = program.stop();

            // Then
            assertThat(code).isZero();
        }
    }

    @Test
    void aGrandchildsLinesStillComeOutAfterItsDaemonsDeath() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", "(sleep 0.5; echo late; exec sleep 1000) & exit 0")
                .daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitLine("[egress] late");

            // Then
            assertThat(program.lines().stream().filter(line -> line.contains("egress exited") || line.contains("late")))
                    .last()
                    .isEqualTo("[egress] late");
        }
    }

    @Test
    void aFloodOfOneDaemonDelaysNeitherTheOthersNorHttp() throws Exception {
        // Given: a third of a gigabyte
        String flood = "echo up; yes " + "x".repeat(99) + " | head -c 300000000; exec sleep 1000";
        long[] received = new long[1];
        OutputStream counting = new ByteArrayOutputStream() {
            @Override
            public void write(byte[] bytes, int from, int length) {
                received[0] += length;
                String text = new String(bytes, from, length, US_ASCII);
                text.lines()
                        .filter(line -> !line.startsWith("[flood] x") && !line.startsWith("x"))
                        .map(line -> (line + "\n").getBytes(US_ASCII))
                        .forEach(line -> super.write(line, 0, line.length));
            }
        };
        BundleText bundle = bundle().daemon("flood", flood).daemon("quiet", "sleep 0.3; " + OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).into(counting).start()) {
            program.awaitUp("quiet");
            program.awaitThat("ready", () -> program.http.health("ready") == 200);
            long then = received[0];
            program.awaitThat("all of it", () -> received[0] > 300_000_000L / 100 * 108);
            int code = program.stop();

            // Then
            assertThat(then).isLessThan(324_000_000L);
            assertThat(code).isZero();
        }
    }
}
