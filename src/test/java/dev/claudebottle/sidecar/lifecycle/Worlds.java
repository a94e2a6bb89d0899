package dev.claudebottle.sidecar.lifecycle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Worlds as numbers, because millions of them have to fit into memory. A world is one part for the bundle and one for each of
 * up to three daemons; equal parts have the same number of 16 bits.
 */
final class Worlds {

    private static final int BITS = 16;

    private static final int SPREAD = 0x9e3779b1;

    private record BundlePart(Phase phase, boolean begun, ObservedStop stop) {}

    /** Without the daemon itself, which is always the same and slow to hash. */
    private record DaemonPart(DaemonState state, ProbeHistory probes, DaemonHistory history, ObservedDaemon observed) {

        @Override
        public int hashCode() {
            return ((state.hashCode() * SPREAD + probes.hashCode()) * SPREAD + history.hashCode()) * SPREAD
                    + observed.hashCode();
        }
    }

    private static final class Parts<T> {

        private final Map<T, Integer> numbers = new HashMap<>();
        private final List<T> all = new ArrayList<>();

        long number(T part) {
            return numbers.computeIfAbsent(part, added -> {
                all.add(added);
                Invariants.check(all.size() < 1 << BITS, "too many parts");
                return all.size() - 1;
            });
        }

        T get(long number) {
            return all.get((int) number);
        }
    }

    private final World initial;
    private final Parts<BundlePart> bundles = new Parts<>();
    private final List<Parts<DaemonPart>> daemons = new ArrayList<>();

    Worlds(World initial) {
        this.initial = initial;
        initial.daemons().forEach(_ -> daemons.add(new Parts<>()));
        Invariants.check(daemons.size() < Long.SIZE / BITS, "too many daemons");
    }

    /** @param world in its normal form */
    long number(World world) {
        long number = bundles.number(new BundlePart(world.state().phase(), world.begun(), world.stop()));
        for (int i = 0; i < daemons.size(); i++) {
            DaemonStatus status = world.state().daemons().get(i);
            DaemonPart part = new DaemonPart(
                    status.state(),
                    status.probeHistory(),
                    status.history(),
                    world.daemons().get(i));
            number = number << BITS | daemons.get(i).number(part);
        }
        return number;
    }

    World world(long number) {
        List<DaemonStatus> statuses = new ArrayList<>();
        List<ObservedDaemon> observed = new ArrayList<>();
        for (int i = 0; i < daemons.size(); i++) {
            int shift = BITS * (daemons.size() - 1 - i);
            DaemonPart part = daemons.get(i).get(number >>> shift & (1 << BITS) - 1);
            statuses.add(new DaemonStatus(
                    initial.state().daemons().get(i).daemon(), part.state(), part.probes(), part.history()));
            observed.add(part.observed());
        }
        BundlePart part = bundles.get(number >>> BITS * daemons.size());
        BundleState state = new BundleState(
                initial.state().bundle(),
                part.phase(),
                statuses,
                initial.state().seed());
        return new World(state, part.begun(), part.stop(), observed, 0);
    }
}
