package dev.claudebottle.sidecar.lifecycle;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Over a million random steps; {@link Simulation} says what must hold after each. */
class SimulationTest {

    /** {@code -Dsimulation.steps=N} sets the length of the run. */
    private static final long STEPS = Long.getLong("simulation.steps", 1_200_000);

    /** {@code -Dsimulation.seed=N} sets the first seed. */
    private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);

    @Test
    void everySimulationMatchesTheReferenceModel() {
        long steps = 0;
        for (long seed = FIRST_SEED; steps < STEPS; seed++) {
            try {
                steps += new Simulation(seed, _ -> {}).run();
            } catch (AssertionError | RuntimeException failure) {
                String trace = String.join("\n", replay(seed));
                throw new AssertionError(
                        "simulation.seed=" + seed + ": " + failure.getMessage() + "\n" + trace, failure);
            }
        }
    }

    private static List<String> replay(long seed) {
        List<String> trace = new ArrayList<>();
        try {
            new Simulation(seed, line -> trace.add(line.get())).run();
        } catch (AssertionError | RuntimeException _) {
            return trace;
        }
        throw new IllegalStateException("simulation " + seed + " is not the same twice");
    }
}
