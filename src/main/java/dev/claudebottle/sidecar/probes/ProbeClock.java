package dev.claudebottle.sidecar.probes;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The one thread that starts attempts when they are due, and ends those that take too long. */
final class ProbeClock {

    private final Consumer<Throwable> onFault;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("probe-clock").factory());

    /** @param onFault called by the clock's thread when a task throws: a probe would end in silence */
    ProbeClock(Consumer<Throwable> onFault) {
        this.onFault = onFault;
        // otherwise the timeout of every attempt stays queued until it is due
        thread.setRemoveOnCancelPolicy(true);
    }

    /** Makes the thread, while one can be made. */
    void start() {
        thread.prestartCoreThread();
    }

    Future<?> in(long nanos, Runnable task) {
        return thread.schedule(() -> run(task), nanos, TimeUnit.NANOSECONDS);
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable fault) {
            onFault.accept(fault);
        }
    }
}
