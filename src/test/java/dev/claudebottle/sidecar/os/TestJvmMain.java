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

/** A JVM that runs one test method at a time: the side that answers. Ends with its stdin. */
final class TestJvmMain {

    static final String PASSED = "passed";
    static final String SKIPPED = "skipped";
    static final String FAILED = "failed";

    /** Far more than any test takes, however slow the machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private TestJvmMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        DataInputStream questions = new DataInputStream(System.in);
        DataOutputStream answers = new DataOutputStream(new FileOutputStream(FileDescriptor.out));
        System.setOut(System.err);
        try {
            while (true) {
                Throwable problem = run(questions.readUTF(), questions.readUTF());
                boolean skipped = problem instanceof TestAbortedException;
                answers.writeUTF(problem == null ? PASSED : skipped ? SKIPPED : FAILED);
                answers.writeUTF(problem == null ? "" : skipped ? problem.getMessage() : text(problem));
                answers.flush();
            }
        } catch (EOFException end) {
            ChildrenFixture.end();
        }
        Processes.leave(0);
    }

    private static Throwable run(String test, String method) throws InterruptedException {
        AtomicReference<Throwable> problem = new AtomicReference<>();
        Thread thread = new Thread(() -> problem.set(call(test, method)), method);
        thread.setDaemon(true);
        thread.start();
        if (thread.join(PATIENCE)) {
            return problem.get();
        }
        Throwable stuck = new AssertionError("not over after " + PATIENCE);
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
        // a UTF string of this format holds 65,535 bytes at most
        return text.toString().substring(0, Math.min(text.getBuffer().length(), 20_000));
    }
}
