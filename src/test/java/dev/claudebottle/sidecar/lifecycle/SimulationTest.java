package dev.claudebottle.sidecar.lifecycle;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Random histories by the million steps; see {@link History} for what must hold in each. */
class SimulationTest {

    /** {@code -Dsimulation.steps=N} for longer runs. */
    private static final long STEPS = Long.getLong("simulation.steps", 1_200_000);

    /** {@code -Dsimulation.seed=N} begins with another history. */
    private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);

    @Test
    void everyHistoryKeepsTheRules() {
        long steps = 0;
        for (long seed = FIRST_SEED; steps < STEPS; seed++) {
            try {
                steps += new History(seed, _ -> {}).run();
            } catch (AssertionError | RuntimeException failure) {
                String story = String.join("\n", replay(seed));
                throw new AssertionError(
                        "simulation.seed=" + seed + ": " + failure.getMessage() + "\n" + story, failure);
            }
        }
    }

    private static List<String> replay(long seed) {
        List<String> trace = new ArrayList<>();
        try {
            new History(seed, line -> trace.add(line.get())).run();
        } catch (AssertionError | RuntimeException _) {
            return trace;
        }
        throw new IllegalStateException("history " + seed + " is not the same twice");
    }
}
