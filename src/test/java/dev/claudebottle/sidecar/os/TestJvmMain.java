package dev.claudebottle.sidecar.os;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.opentest4j.TestAbortedException;

/** The main class of a {@link TestJvm}: runs the test methods that it reads from stdin, and ends with it. */
final class TestJvmMain {

    static final String PASSED = "passed";
    static final String SKIPPED = "skipped";
    static final String FAILED = "failed";

    /** Far more than any test takes, even on a slow machine. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private TestJvmMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        DataInputStream requests = new DataInputStream(System.in);
        DataOutputStream responses = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
        System.setOut(System.err);
        try {
            while (true) {
                Throwable problem = run(requests.readUTF(), requests.readUTF());
                boolean skipped = problem instanceof TestAbortedException;
                responses.writeUTF(problem == null ? PASSED : skipped ? SKIPPED : FAILED);
                responses.writeUTF(problem == null ? "" : skipped ? problem.getMessage() : text(problem));
                responses.flush();
            }
        } catch (EOFException end) {
            ChildrenFixture.close();
        }
        Processes.exit(0);
    }

    private static Throwable run(String test, String method) throws InterruptedException {
        AtomicReference<Throwable> problem = new AtomicReference<>();
        Thread thread = new Thread(() -> problem.set(call(test, method)), method);
        thread.setDaemon(true);
        thread.start();
        if (thread.join(TIMEOUT)) {
            return problem.get();
        }
        Throwable stuck = new AssertionError("not finished after " + TIMEOUT);
        stuck.setStackTrace(thread.getStackTrace());
        return stuck;
    }

    private static Throwable call(String test, String name) {
        try {
            Constructor<?> constructor = Class.forName(test).getDeclaredConstructor();
            constructor.setAccessible(true);
            Method method = Class.forName(test).getDeclaredMethod(name);
            method.setAccessible(true);
            method.invoke(constructor.newInstance());
            return null;
        } catch (InvocationTargetException thrown) {
            return thrown.getCause();
        } catch (Throwable broken) {
            return broken;
        }
    }

    private static String text(Throwable problem) {
        StringWriter text = new StringWriter();
        problem.printStackTrace(new PrintWriter(text));
        // writeUTF takes at most 65,535 bytes
        return text.toString().substring(0, Math.min(text.getBuffer().length(), 20_000));
    }
}
