package dev.claudebottle.sidecar.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.Colour;
import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.bundle.LogFormat;
import dev.claudebottle.sidecar.bundle.Logs;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the pump does with 64 KiB from one pipe: assembles, labels, escapes and writes lines, here to /dev/null. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"})
public class PumpBenchmark {

    private static final int CHUNK = 64 * 1024;

    @Param({"10", "100", "10000"})
    int length;

    /** colour: each line begins with an escape sequence and ends with \r\n. */
    @Param({"plain", "colour", "utf8"})
    String text;

    @Param({"TEXT", "JSON"})
    LogFormat format;

    @Param("ESCAPE")
    Colour colour;

    private FileOutputStream devNull;
    private byte[] chunk;
    private LineAssembler lines;
    private OutputBuffer out;

    @Setup
    public void setUp() throws IOException {
        devNull = new FileOutputStream("/dev/null");
        out = new OutputBuffer(descriptorOf("/dev/null"), () -> {});
        out.start(_ -> System.exit(1));
        Logs logs = Logs.DEFAULT.withFormat(format).withColour(colour);
        lines = new LineAssembler(
                "egress",
                logs.maxLine().bytes(),
                LineFormat.of(logs, Identity.NONE, -1),
                out,
                new LogCounters(),
                new LineMemory());
        chunk = Arrays.copyOf(line().repeat(CHUNK / length + 1).getBytes(UTF_8), CHUNK);
    }

    @TearDown
    public void tearDown() throws IOException {
        devNull.close();
    }

    @Benchmark
    public void chunk() {
        lines.accept(chunk, CHUNK);
        out.flush();
    }

    private String line() {
        return switch (text) {
            case "plain" -> "x".repeat(length - 1) + "\n";
            case "colour" -> "\u001b[1m" + "x".repeat(length - 6) + "\r\n";
            case "utf8" -> "ä".repeat((length - 1) / 2) + "x\n";
            default -> throw new IllegalArgumentException(text);
        };
    }

    /** Java does not tell the descriptor of its file; the newest one for this path has the highest number. */
    private static int descriptorOf(String path) throws IOException {
        int highest = -1;
        try (var descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                int number = Integer.parseInt(descriptor.getFileName().toString());
                if (number > highest && Files.isSymbolicLink(descriptor) && pointsTo(descriptor, path)) {
                    highest = number;
                }
            }
        }
        return highest;
    }

    private static boolean pointsTo(Path link, String path) throws IOException {
        return Files.readSymbolicLink(link).toString().equals(path);
    }
}
