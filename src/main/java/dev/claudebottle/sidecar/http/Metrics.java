package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.bundle.Identity;
import dev.claudebottle.sidecar.events.Delivery;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import dev.claudebottle.sidecar.lifecycle.DaemonStatus;
import dev.claudebottle.sidecar.lifecycle.ExitReason;
import dev.claudebottle.sidecar.os.ProcessUsage;
import dev.claudebottle.sidecar.supervisor.SupervisorView;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Collector.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The samples of one answer of {@code /q/metrics}, made from one snapshot. */
final class Metrics {

    private static final String PREFIX = "sidecar_daemon_";
    private static final List<String> UNITS = List.of("seconds", "bytes");
    private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

    private final List<DaemonStatus> daemons;
    private final List<MetricFamilySamples> families = new ArrayList<>();

    private Metrics(List<DaemonStatus> daemons) {
        this.daemons = daemons;
    }

    /**
     * @param state a snapshot of {@code view}
     * @param version of this program
     * @param approvals requests for approval that wait for the operator; empty: not known
     * @param credentials empty: none, or not known
     */
    static List<MetricFamilySamples> of(
            SupervisorView view,
            BundleState state,
            String version,
            DaemonUsage usage,
            OptionalInt approvals,
            List<EgressCredential> credentials) {
        // read after the snapshot, so that no gap in it begins later than this
        long now = System.nanoTime();
        Metrics metrics = new Metrics(state.daemons());
        metrics.gauge(
                "up",
                "Whether the daemon's first process lives.",
                each(daemon -> is(daemon.pid().isPresent())));
        metrics.gauge("ready", "Whether the daemon is running, that is, ready.", each(daemon -> is(daemon.ready())));
        metrics.counter("starts", "Launches of the daemon, failed ones included.", each(DaemonStatus::starts));
        metrics.deaths();
        metrics.gauge(
                "last_exit_code",
                "How the daemon ended last: its exit code, or 128 plus the signal's number.",
                daemon -> daemon.lastExit().map(exit -> (double) exit.code()));
        metrics.counter(
                "gap_seconds",
                "How long the daemon has not guarded, the open gap included, planned gaps not.",
                each(daemon -> daemon.gaps().total(now).toNanos() / NANOS_PER_SECOND));
        metrics.counter(
                "planned_gap_seconds",
                "How long the daemon has not guarded because the operator restarted it, the open gap included.",
                each(daemon -> daemon.gaps().totalPlanned(now).toNanos() / NANOS_PER_SECOND));
        metrics.counter(
                "cpu_seconds",
                "Processor time of the daemon's processes since its latest start.",
                daemon -> usage.of(daemon).map(ProcessUsage::cpuSeconds));
        metrics.gauge(
                "resident_bytes",
                "Resident memory of the daemon's processes; what they share counts for each.",
                daemon -> usage.of(daemon).map(used -> (double) used.residentBytes()));
        metrics.counter(
                "log_lines", "Lines that the daemon has written.", each(daemon -> view.logLines(daemon.name())));
        metrics.counter(
                "log_bytes", "Bytes that the daemon has written.", each(daemon -> view.logBytes(daemon.name())));
        metrics.info(state.bundle().identity(), version);
        metrics.total("sidecar_orphans_reaped", "Orphans that have been reaped.", view.orphansReaped());
        metrics.value("sidecar_adopted_processes", "Living processes that no daemon's session holds.", view.adopted());
        metrics.total("sidecar_log_dropped_lines", "Lines that never reached stdout.", view.droppedLines());
        view.delivery().ifPresent(metrics::delivery);
        approvals.ifPresent(pending -> metrics.value(
                "sidecar_approvals_pending", "Requests for approval that wait for the operator.", pending));
        metrics.credentials(credentials);
        return metrics.families;
    }

    private void deaths() {
        String name = PREFIX + "deaths";
        List<Sample> samples = new ArrayList<>();
        for (DaemonStatus daemon : daemons) {
            for (ExitReason reason : ExitReason.values()) {
                samples.add(new Sample(
                        name,
                        List.of("daemon", "reason"),
                        List.of(daemon.name(), reason.word()),
                        daemon.deaths().of(reason)));
            }
        }
        families.add(new MetricFamilySamples(
                name, Type.COUNTER, "Ends of the daemon that nobody asked for; a liveness kill is one.", samples));
    }

    /** Prometheus takes an empty label for none. */
    private void info(Identity identity, String version) {
        families.add(new MetricFamilySamples(
                "sidecar",
                Type.INFO,
                "Who this bundle is, and the version of Sidecar Init.",
                List.of(new Sample(
                        "sidecar_info",
                        List.of("bottle", "namespace", "pod", "version"),
                        List.of(
                                identity.bottle().orElse(""),
                                identity.namespace().orElse(""),
                                identity.pod().orElse(""),
                                version),
                        1))));
    }

    /** URLs may hold secrets, so there is no label for the receiver. */
    private void delivery(Delivery delivery) {
        value(
                "sidecar_notify_backlog",
                "Events that wait for their receiver; of several receivers the most.",
                delivery.backlog());
        total(
                "sidecar_notify_dropped",
                "Events that a receiver never gets: too many had to wait, or it refused them; all receivers together.",
                delivery.dropped());
    }

    private void credentials(List<EgressCredential> credentials) {
        if (credentials.isEmpty()) {
            return;
        }
        String available = "sidecar_credential_available";
        String rejections = "sidecar_credential_rejections";
        List<Sample> values = new ArrayList<>();
        List<Sample> answers = new ArrayList<>();
        for (EgressCredential credential : credentials) {
            values.add(new Sample(available, List.of("host"), List.of(credential.host()), is(credential.available())));
            answers.add(rejection(rejections, credential, "401", credential.unauthorized()));
            answers.add(rejection(rejections, credential, "403", credential.forbidden()));
        }
        families.add(new MetricFamilySamples(
                available, Type.GAUGE, "Whether egress has a value for the host's credential.", values));
        families.add(new MetricFamilySamples(
                rejections,
                Type.COUNTER,
                "Answers 401 and 403 of a host with a credential since egress has started.",
                answers));
    }

    private static Sample rejection(String name, EgressCredential credential, String status, long count) {
        return new Sample(name, List.of("host", "status"), List.of(credential.host(), status), count);
    }

    private void gauge(String name, String help, Function<DaemonStatus, Optional<Double>> value) {
        add(Type.GAUGE, name, help, value);
    }

    /** @param name without {@code _total}, which the library adds */
    private void counter(String name, String help, Function<DaemonStatus, Optional<Double>> value) {
        add(Type.COUNTER, name, help, value);
    }

    private void add(Type type, String name, String help, Function<DaemonStatus, Optional<Double>> value) {
        List<Sample> samples = new ArrayList<>();
        for (DaemonStatus daemon : daemons) {
            value.apply(daemon)
                    .ifPresent(number ->
                            samples.add(new Sample(PREFIX + name, List.of("daemon"), List.of(daemon.name()), number)));
        }
        if (!samples.isEmpty()) {
            families.add(new MetricFamilySamples(PREFIX + name, unit(name), type, help, samples));
        }
    }

    private void value(String name, String help, long value) {
        single(Type.GAUGE, name, help, value);
    }

    /** @param name without {@code _total}, which the library adds */
    private void total(String name, String help, long value) {
        single(Type.COUNTER, name, help, value);
    }

    private void single(Type type, String name, String help, long value) {
        families.add(new MetricFamilySamples(name, type, help, List.of(new Sample(name, List.of(), List.of(), value))));
    }

    private static String unit(String name) {
        return UNITS.stream()
                .filter(unit -> name.endsWith("_" + unit))
                .findFirst()
                .orElse("");
    }

    /** For a value that every daemon has. */
    private static Function<DaemonStatus, Optional<Double>> each(ToDoubleFunction<DaemonStatus> value) {
        return daemon -> Optional.of(value.applyAsDouble(daemon));
    }

    private static double is(boolean condition) {
        return condition ? 1 : 0;
    }
}
