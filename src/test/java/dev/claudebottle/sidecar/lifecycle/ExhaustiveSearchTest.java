package dev.claudebottle.sidecar.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every state that small bundles can reach; {@link Observer}, {@link Invariants} and {@link Overdue} say what must hold in each. */
class ExhaustiveSearchTest {

    /** {@code -Dsearch.bundles=all} searches more and larger bundles. */
    private static final boolean ALL =
            System.getProperty("search.bundles", "small").equals("all");

    private static final int STEPS = 2000;

    static List<SearchedBundle> bundles() {
        return ALL ? SearchedBundles.all() : SearchedBundles.small();
    }

    @Test
    void everyStepKeepsTheInvariantsAndTheBundlesLeadEverywhere() {
        Coverage coverage = new Coverage();
        long states = 0;
        for (SearchedBundle bundle : bundles()) {
            Search search = new Search(bundle, coverage);
            search.run();
            states += search.states();
            System.out.println(search);
        }
        System.out.println(
                "exhaustive search: " + states + " states of " + bundles().size() + " bundles");

        assertThat(coverage.sights).containsExactlyInAnyOrder(Coverage.Sight.values());
        assertThat(coverage.pairs).isEqualTo(allPairsButImpossibleOnes());
    }

    private static Set<StateEventTableTest.Pair> allPairsButImpossibleOnes() {
        Set<StateEventTableTest.Pair> pairs = new HashSet<>();
        for (Class<?> phase : Phase.class.getPermittedSubclasses()) {
            for (Class<?> daemon : DaemonState.class.getPermittedSubclasses()) {
                pairs.add(new StateEventTableTest.Pair(phase, daemon));
            }
        }
        pairs.removeAll(StateEventTableTest.NEVER);
        return pairs;
    }

    /** Otherwise the search would take different states for the same, and pass over what follows from one of them. */
    @ParameterizedTest
    @MethodSource("bundles")
    void worldsWithTheSameNormalFormBehaveAlike(SearchedBundle bundle) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
        World real = World.initial(bundle);
        World normal = NormalForm.of(real);
        for (int step = 0; step < STEPS; step++) {
            List<Move> moves = Moves.of(bundle, real);
            List<Move> normalMoves = Moves.of(bundle, normal);
            assertThat(moves).hasSameSizeAs(normalMoves);
            if (moves.isEmpty()) {
                real = World.initial(bundle);
                normal = NormalForm.of(real);
                continue;
            }
            int next = random.nextInt(moves.size());
            if (beginsStop(real, moves.get(next)) && random.nextInt(20) != 0) {
                continue;
            }
            real = real.after(moves.get(next)).world();
            normal = NormalForm.of(normal.after(normalMoves.get(next)).world());
            assertThat(NormalForm.of(real)).isEqualTo(normal);
        }
    }

    private static boolean beginsStop(World world, Move move) {
        return world.running() && move instanceof Move.Deliver(Event.StopRequested _);
    }
}
