package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Guards are killed from outside, at random and several at a time. {@code -Dchaos.kills=10000} makes it longer, {@code
 * -Dchaos.seed=N} repeats a run.
 */
@NeedsNamespaces
class ChaosIT {

    private static final int KILLS = Integer.getInteger("chaos.kills", 200);

    /** The kills before which classes, caches and the heap still grow. */
    private static final int WARM_UP = Math.max(40, KILLS / 10);

    private static final int TOLERANCE = 2;
    private static final int TOLERATED_KILOBYTES = 40 * 1024;

    private static final String QUICK = "exec sleep 4001";
    private static final String PARENT = "sleep 4002 & sleep 4002 & wait";
    private static final String GRANDPARENT = "(sleep 4003 & sleep 4003 &); exec sleep 4001";
    private static final String WRITER = "i=0; while [ $i -lt 50 ]; do echo line $i; i=$((i+1)); done; exec sleep 4001";

    /** The command lines that run when all six are up, and the number of processes of each. */
    private static final Map<String, Integer> COMPLETE = Map.of("sleep 4001", 5, "sleep 4002", 2, "sleep 4003", 2);

    private final long seed = Long.getLong("chaos.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** The number of kills of each daemon. */
    private final Map<String, Integer> kills = new HashMap<>();

    /** Kills some of the daemons while all are up; returns their number. */
    private int killSome(Program program, LinuxProcess supervisor) {
        List<Map<String, Object>> daemons = new ArrayList<>(awaitAll(program));
        Map<Integer, LinuxProcess> processes = supervisor.children().stream()
                .map(LinuxProcess::new)
                .collect(Collectors.toMap(LinuxProcess::pidInside, Function.identity(), (one, _) -> one));
        Collections.shuffle(daemons, random);
        List<Map<String, Object>> victims = daemons.subList(0, 1 + random.nextInt(daemons.size()));
        for (Map<String, Object> victim : victims) {
            assertThat(processes).containsKey((Integer) victim.get("pid"));
            assertThat(processes.get((Integer) victim.get("pid")).kill()).isTrue();
            kills.merge(victim.get("name").toString(), 1, Integer::sum);
        }
        return victims.size();
    }

    /** Waits until all daemons run, each in the start after its last kill. */
    private List<Map<String, Object>> awaitAll(Program program) {
        List<Map<String, Object>> daemons = new ArrayList<>();
        program.awaitThat("all up after " + kills, () -> {
            daemons.clear();
            daemons.addAll(program.http.status().getList("daemons"));
            return daemons.stream()
                    .allMatch(daemon -> daemon.get("state").equals("running")
                            && daemon.get("starts")
                                    .equals(1
                                            + kills.getOrDefault(
                                                    daemon.get("name").toString(), 0)));
        });
        return daemons;
    }

    private static boolean isComplete(Program program) {
        return COMPLETE.entrySet().stream()
                .allMatch(entry -> program.running(entry.getKey()).size() == entry.getValue());
    }

    @Test
    void everyDeathIsReportedOnceAndNoProcessIsLeft() throws Exception {
        // Given
        BundleText bundle = bundle("failure_policy: restart", "restart: {initial_delay: 0s, max_delay: 1ms}")
                .daemon("egress", QUICK)
                .daemon("pipelock", QUICK)
                .daemon("git-gate", PARENT)
                .daemon("supervise", GRANDPARENT)
                .daemon("writer", WRITER)
                .daemon("scribe", WRITER);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitHttp();
            LinuxProcess supervisor = program.proc();
            int done = 0;
            while (done < WARM_UP) {
                done += killSome(program, supervisor);
            }
            awaitAll(program);
            int threads = supervisor.threads();
            int descriptors = supervisor.descriptors().size();
            int kilobytes = supervisor.residentKilobytes();
            while (done < WARM_UP + KILLS) {
                done += killSome(program, supervisor);
            }

            // Then
            List<Map<String, Object>> daemons = awaitAll(program);
            program.awaitThat("all processes", () -> isComplete(program));
            program.awaitThat("no zombie", () -> program.zombies().isEmpty());
            program.awaitThat(
                    "as few threads as before, " + threads, () -> supervisor.threads() <= threads + TOLERANCE);
            program.awaitThat(
                    "as few descriptors as before, " + descriptors,
                    () -> supervisor.descriptors().size() <= descriptors + TOLERANCE);
            assertThat(supervisor.residentKilobytes()).isLessThan(kilobytes + TOLERATED_KILOBYTES);
            assertThat(daemons)
                    .allSatisfy(daemon -> assertThat((Map<?, ?>) daemon.get("gaps"))
                            .extracting("open", "count")
                            .containsExactly(false, kills.get(daemon.get("name").toString())));
            List<LinuxProcess> all = supervisor.descendants();
            assertThat(program.stop()).isZero();
            assertThat(all).noneMatch(LinuxProcess::isAlive);
            assertThatTheLogReportsEachDeathOnce(program);
            assertThatEveryLineIsThereInOrder(program.linesOf("writer"));
            assertThatEveryLineIsThereInOrder(program.linesOf("scribe"));
        } catch (AssertionError failure) {
            throw new AssertionError("with -Dchaos.seed=" + seed, failure);
        }
    }

    private void assertThatTheLogReportsEachDeathOnce(Program program) {
        Map<String, Long> logged = program.ownLines().stream()
                .map(line -> line.replaceAll("[0-9]+\\.[0-9]+ s$", "T s"))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        Map<String, Long> expected =
                new HashMap<>(Map.of("shutting down (SIGTERM); forwarding SIGTERM", 1L, "exit 0", 1L));
        kills.forEach((daemon, times) -> {
            expected.put("starting " + daemon, times + 1L);
            expected.put(daemon + " exited with code 137 (SIGKILL); restarting in T s", (long) times);
            expected.put(daemon + " is ready again after T s", (long) times);
            expected.put(daemon + " is crash-looping (5 deaths in 60s)", 1L);
            expected.put(daemon + " exited with code 143 (SIGTERM)", 1L);
        });
        assertThat(logged).isEqualTo(expected);
    }

    /** Each start counts from zero up to where it was killed. */
    private static void assertThatEveryLineIsThereInOrder(List<String> lines) {
        assertThat(lines).isNotEmpty();
        int next = 0;
        for (String line : lines) {
            int number = Integer.parseInt(line.replace("line ", ""));
            assertThat(number).isIn(0, next);
            next = number + 1;
        }
    }
}
