package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.SimulatedDaemon.pick;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A bundle of one to eight daemons {@code d0}, {@code d1} …, with random settings. */
record RandomBundle(RandomGenerator random) {

    private static final List<FailurePolicy> POLICIES = List.of(
            FailurePolicy.LEAVE,
            FailurePolicy.RESTART,
            FailurePolicy.RESTART,
            FailurePolicy.RESTART,
            FailurePolicy.TEARDOWN);

    /** @param daemons receives the simulated daemons */
    Bundle of(List<SimulatedDaemon> daemons) {
        int size = 1 + random.nextInt(8);
        boolean onEarlierOnes = random.nextBoolean();
        for (int i = 0; i < size; i++) {
            daemons.add(new SimulatedDaemon("d" + i, onEarlierOnes ? names(0, i) : names(i + 1, size), random));
        }
        List<String> forwardHup = new ArrayList<>(names(0, size + 1));
        forwardHup.removeIf(_ -> random.nextInt(3) != 0);
        return Bundles.bundle(
                pick(POLICIES, random),
                pick(List.of("0s", "700ms", "2s", "8s", "8s"), random),
                SimulatedDaemon.rules(random),
                forwardHup,
                daemons.stream().map(each -> each.daemon).toArray(Daemon[]::new));
    }

    private static List<String> names(int from, int to) {
        List<String> names = new ArrayList<>();
        for (int i = from; i < to; i++) {
            names.add("d" + i);
        }
        return names;
    }
}
