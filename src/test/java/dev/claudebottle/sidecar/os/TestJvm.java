package dev.claudebottle.sidecar.os;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** A JVM that runs one test method at a time, seen from Surefire's. */
final class TestJvm implements AutoCloseable {

    private final Process process;
    private final DataOutputStream requests;
    private final DataInputStream responses;

    private TestJvm(Process process) {
        this.process = process;
        this.requests = new DataOutputStream(process.getOutputStream());
        this.responses = new DataInputStream(process.getInputStream());
    }

    static TestJvm start(List<String> startedBy) {
        List<String> command = new ArrayList<>(startedBy);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // MaxFDLimit: the JVM leaves its limits as they are, as under the product's launcher
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-XX:-MaxFDLimit"));
        command.add("-D" + ForkedJvm.PROPERTY + "=true");
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
        command.add(TestJvmMain.class.getName());
        try {
            return new TestJvm(new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException cannot) {
            throw new UncheckedIOException("cannot start a JVM for tests", cannot);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void run(String test, String method) {
        try {
            requests.writeUTF(test);
            requests.writeUTF(method);
            requests.flush();
            String result = responses.readUTF();
            String text = responses.readUTF();
            switch (result) {
                case TestJvmMain.PASSED -> {}
                case TestJvmMain.SKIPPED -> throw new TestAbortedException(text);
                default -> throw new AssertionError(text);
            }
        } catch (IOException gone) {
            throw new AssertionError("the JVM of this test has ended", gone);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
