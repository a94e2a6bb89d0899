package dev.claudebottle.sidecar.http;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The test decides when the reader's thread runs, and whether there is one. */
class MetricsReaderTest {

    private static final Executor NONE = _ -> {
        throw new OutOfMemoryError("unable to create native thread");
    };

    private final Vertx vertx = Vertx.vertx();
    private final Context eventLoop = vertx.getOrCreateContext();
    private final Queue<Runnable> work = new ArrayDeque<>();
    private Executor threads = work::add;
    private final MetricsReader reader = new MetricsReader(new FakeSupervisor(), task -> threads.execute(task));

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, SECONDS);
    }

    @Test
    void theEventLoopOnlyHandsTheWorkOver() throws Exception {
        // When
        Future<List<MetricFamilySamples>> samples = read();
        // Then
        assertThat(samples.isComplete()).isFalse();
        work.remove().run();
        assertThat(result(samples)).isNotEmpty();
    }

    @Test
    void whoeverAsksMeanwhileGetsTheSame() throws Exception {
        // Given
        Future<List<MetricFamilySamples>> first = read();
        // When
        Future<List<MetricFamilySamples>> second = read();
        work.remove().run();
        // Then
        assertThat(work).isEmpty();
        assertThat(result(second)).isSameAs(result(first));
    }

    @Test
    void whoeverAsksLaterGetsNewOnes() throws Exception {
        // Given
        Future<List<MetricFamilySamples>> first = read();
        work.remove().run();
        result(first);
        // When
        Future<List<MetricFamilySamples>> second = read();
        work.remove().run();
        // Then
        assertThat(result(second)).isNotSameAs(result(first));
    }

    @Test
    void withoutAThreadItFailsAndTheNextCallTriesAgain() throws Exception {
        // Given
        threads = NONE;
        Future<List<MetricFamilySamples>> first = read();
        threads = work::add;
        // When
        Future<List<MetricFamilySamples>> second = read();
        work.remove().run();
        // Then
        assertThat(first.cause()).isInstanceOf(OutOfMemoryError.class);
        assertThat(result(second)).isNotEmpty();
    }

    /** As the route does, on the event loop. */
    private Future<List<MetricFamilySamples>> read() throws Exception {
        CompletableFuture<Future<List<MetricFamilySamples>>> future = new CompletableFuture<>();
        eventLoop.runOnContext(_ -> future.complete(reader.read(eventLoop)));
        return future.get(20, SECONDS);
    }

    private static List<MetricFamilySamples> result(Future<List<MetricFamilySamples>> samples) throws Exception {
        return samples.toCompletionStage().toCompletableFuture().get(20, SECONDS);
    }
}
