package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Makes the samples away from the event loop, which must not wait while every process in /proc is looked at and guards are asked.
 * One set is made at a time: whoever asks meanwhile gets the same. For the event loop.
 */
final class MetricsReader {

    private final SupervisorView view;
    private final Executor threads;

    /** Used by one thread after another. */
    private final DaemonUsage usage = new DaemonUsage();

    /** Null before the first set. Used as {@link #usage} is. */
    private String version;

    /** The set that is being made; null when none is. */
    private Future<List<MetricFamilySamples>> current;

    /** @param threads runs what it gets on another thread; throws {@link OutOfMemoryError} when it can't make one */
    MetricsReader(SupervisorView view, Executor threads) {
        this.view = view;
        this.threads = threads;
    }

    /** Fails when there is no thread; the next call tries again. */
    Future<List<MetricFamilySamples>> read(Context eventLoop) {
        if (current != null) {
            return current;
        }
        Promise<List<MetricFamilySamples>> promise = Promise.promise();
        try {
            threads.execute(() -> {
                Future<List<MetricFamilySamples>> samples = samples();
                eventLoop.runOnContext(_ -> {
                    current = null;
                    promise.handle(samples);
                });
            });
            current = promise.future();
        } catch (OutOfMemoryError noThread) {
            promise.fail(noThread);
        }
        return promise.future();
    }

    private Future<List<MetricFamilySamples>> samples() {
        try {
            if (version == null) {
                version = ProgramVersion.read();
            }
            BundleState state = view.state();
            usage.update(state);
            return Future.succeededFuture(
                    Metrics.of(view, state, version, usage, PendingApprovals.of(state), EgressCredential.of(state)));
        } catch (Throwable failure) {
            return Future.failedFuture(failure);
        }
    }
}
