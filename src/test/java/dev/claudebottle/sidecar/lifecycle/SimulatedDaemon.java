package dev.claudebottle.sidecar.lifecycle;

import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** One daemon of a {@link Simulation}: its behaviour and its processes. */
final class SimulatedDaemon {

    private static final List<Signal> STOP_SIGNALS =
            List.of(Signal.TERM, Signal.TERM, Signal.TERM, Signal.INT, Signal.HUP);
    private static final List<String> OWN_GRACES = List.of("0s", "300ms", "1s", "1500ms", "5s", "10s");
    private static final List<Integer> CODES = List.of(0, 0, 1, 2, 42, 126, 127, 129, 130, 137, 143, 255);
    private static final List<Signal> DEATHS =
            List.of(Signal.HUP, Signal.INT, Signal.KILL, new Signal(11), Signal.TERM, new Signal(34));

    /** The processes of one start. */
    static final class Session {

        final int pid;
        boolean leader = true;
        boolean leaderReported;
        boolean members;
        boolean stopPending;

        Session(int pid, boolean members) {
            this.pid = pid;
            this.members = members;
        }
    }

    final Daemon daemon;

    // behaviour: probabilities and properties
    final double startFails;
    final double diesByItself;
    final double failsReadiness;
    final double failsLiveness;
    final boolean obeys;
    final boolean killable;
    final boolean hasMembers;
    final boolean membersObey;

    /** Of its latest start. */
    Session session;

    boolean startUnderWay;
    /** {@code daemon.ready} has been published. */
    boolean publishedReady;

    /** @param possibleDependencies daemons that it may depend on without a cycle */
    SimulatedDaemon(String name, List<String> possibleDependencies, RandomGenerator random) {
        Optional<TimeSpan> grace =
                random.nextInt(3) == 0 ? Optional.of(Bundles.span(pick(OWN_GRACES, random))) : Optional.empty();
        Optional<FailurePolicy> policy =
                random.nextInt(4) == 0 ? Optional.of(pick(List.of(FailurePolicy.values()), random)) : Optional.empty();
        List<String> dependencies = new ArrayList<>(possibleDependencies);
        dependencies.removeIf(_ -> random.nextInt(4) != 0);
        if (random.nextInt(8) == 0) {
            dependencies.add("not-selected");
        }
        Daemon.Builder builder = Bundles.daemon(name).toBuilder()
                .stopSignal(pick(STOP_SIGNALS, random))
                .dependsOn(dependencies);
        grace.ifPresent(builder::stopGracePeriod);
        policy.ifPresent(builder::failurePolicy);
        if (random.nextInt(3) == 0) {
            builder.restart(rules(random));
        }
        probe(random).ifPresent(builder::readiness);
        probe(random).ifPresent(builder::liveness);
        daemon = builder.build();
        startFails = pick(List.of(0.0, 0.0, 0.0, 0.2, 0.7, 1.0), random);
        diesByItself = pick(List.of(0.0, 0.3, 0.9), random);
        failsReadiness = pick(List.of(0.0, 0.2, 0.6, 1.0), random);
        failsLiveness = pick(List.of(0.0, 0.0, 0.1, 0.5), random);
        obeys = random.nextInt(4) != 0;
        killable = random.nextInt(12) != 0;
        hasMembers = random.nextInt(3) == 0;
        membersObey = random.nextBoolean();
    }

    private static Optional<Probe> probe(RandomGenerator random) {
        return random.nextInt(3) == 0 ? Optional.of(Bundles.probe(1 + random.nextInt(3))) : Optional.empty();
    }

    String name() {
        return daemon.name();
    }

    boolean down() {
        return session == null && !startUnderWay || session != null && session.leaderReported;
    }

    double failure(ProbeKind kind) {
        return kind == ProbeKind.READINESS ? failsReadiness : failsLiveness;
    }

    /** How it ends by itself. */
    ExitStatus randomEnd(RandomGenerator random) {
        return random.nextInt(3) == 0
                ? new ExitStatus.Killed(pick(DEATHS, random), random.nextBoolean())
                : new ExitStatus.Code(pick(CODES, random));
    }

    /** How it ends after its stop signal. */
    ExitStatus obedientEnd(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> new ExitStatus.Code(0);
            case 1 -> new ExitStatus.Code(128 + daemon.stopSignal().number());
            case 2 -> new ExitStatus.Killed(daemon.stopSignal(), false);
            default -> randomEnd(random);
        };
    }

    static RestartPolicy rules(RandomGenerator random) {
        return Bundles.restart(
                pick(List.of("0s", "50ms", "500ms", "500ms"), random),
                pick(List.of("500ms", "2s", "30s"), random),
                pick(List.of("0s", "300ms", "3s", "20s"), random),
                1 + random.nextInt(5),
                pick(List.of("1s", "5s", "60s"), random),
                pick(
                        List.of(
                                CrashLoopAction.KEEP_TRYING,
                                CrashLoopAction.KEEP_TRYING,
                                CrashLoopAction.LEAVE,
                                CrashLoopAction.TEARDOWN),
                        random));
    }

    static <T> T pick(List<T> list, RandomGenerator random) {
        return list.get(random.nextInt(list.size()));
    }
}
