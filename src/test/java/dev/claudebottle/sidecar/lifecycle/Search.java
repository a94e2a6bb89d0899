package dev.claudebottle.sidecar.lifecycle;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A breadth-first search through every world that a bundle can reach. */
final class Search {

    /** Odd, so different numbers stay different; their bits alone would make few different hashes. */
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final SearchedBundle searched;
    private final Coverage coverage;
    private final Worlds worlds;
    private final Set<Long> reached = new HashSet<>();

    // of each world in the order of discovery
    private long[] numbers = new long[1 << 16];
    private int[] parents = new int[1 << 16];

    private long steps;

    Search(SearchedBundle searched, Coverage coverage) {
        this.searched = searched;
        this.coverage = coverage;
        worlds = new Worlds(World.initial(searched));
    }

    /** @throws AssertionError with the shortest way to a step that breaks an invariant */
    void run() {
        reach(NormalForm.of(World.initial(searched)), -1);
        for (int i = 0; i < reached.size(); i++) {
            World world = worlds.world(numbers[i]);
            for (Move move : Moves.of(searched, world)) {
                try {
                    World.Outcome outcome = world.after(move);
                    coverage.saw(world, move, outcome);
                    if (!world.isUnchangedIn(outcome.world())) {
                        reach(NormalForm.of(outcome.world()), i);
                    }
                    steps++;
                } catch (AssertionError | RuntimeException failure) {
                    throw new AssertionError(
                            searched.name() + ": " + failure.getMessage() + "\n" + wayTo(i) + "then " + move, failure);
                }
            }
        }
    }

    int states() {
        return reached.size();
    }

    @Override
    public String toString() {
        return searched + ": " + states() + " states, " + steps + " steps";
    }

    private void reach(World normal, int parent) {
        long number = worlds.number(normal);
        int index = reached.size();
        if (!reached.add(number * SPREAD)) {
            return;
        }
        if (index == numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * index);
            parents = Arrays.copyOf(parents, 2 * index);
        }
        numbers[index] = number;
        parents[index] = parent;
    }

    private String wayTo(int index) {
        Deque<Integer> way = new ArrayDeque<>();
        for (int i = index; i > 0; i = parents[i]) {
            way.push(i);
        }
        StringBuilder text = new StringBuilder();
        World world = worlds.world(numbers[0]);
        for (int next : way) {
            Step step = stepTo(world, numbers[next]);
            text.append(step.move())
                    .append(" -> ")
                    .append(EffectFormatter.of(step.effects()))
                    .append('\n');
            world = worlds.world(numbers[next]);
        }
        return text.append("in ")
                .append(world.state().phase())
                .append(states(world))
                .append('\n')
                .toString();
    }

    private static List<DaemonState> states(World world) {
        return world.state().daemons().stream().map(DaemonStatus::state).toList();
    }

    private record Step(Move move, List<Effect> effects) {}

    private Step stepTo(World from, long number) {
        for (Move move : Moves.of(searched, from)) {
            World.Outcome outcome = from.after(move);
            if (worlds.number(NormalForm.of(outcome.world())) == number) {
                return new Step(move, outcome.effects());
            }
        }
        throw new IllegalStateException("the search is not the same twice");
    }
}
