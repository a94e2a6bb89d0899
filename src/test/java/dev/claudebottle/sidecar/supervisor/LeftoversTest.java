package dev.claudebottle.sidecar.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.AdoptedProcess;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeftoversTest {

    private final Leftovers leftovers = new Leftovers();

    @Test
    void theThirdDeathInSuccessionWithMoreLeftIsSaidOnce() {
        // Given: one is there already
        assertThat(died("egress", 1)).isEmpty();
        // When
        List<Optional<String>> lines = IntStream.rangeClosed(2, 6)
                .mapToObj(left -> died("egress", left))
                .toList();
        // Then
        assertThat(lines)
                .containsExactly(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("egress leaves processes behind: 3 that it started run outside its session"),
                        Optional.empty(),
                        Optional.empty());
    }

    @Test
    void aDeathWithNothingNewStartsTheCountAgain() {
        IntStream.of(0, 1, 2, 2, 3, 4)
                .forEach(left -> assertThat(died("egress", left)).isEmpty());
        assertThat(died("egress", 5)).isPresent();
    }

    @Test
    void whatEndsByItselfLaterIsNoGrowth() {
        // Given: each death leaves one, and the one of the death before is gone
        for (int pid = 1; pid <= 9; pid++) {
            assertThat(leftovers.afterDeaths(Set.of("egress"), List.of(new AdoptedProcess(pid, true))))
                    .isEmpty();
        }
    }

    @Test
    void whatLivingDaemonsHaveStartedIsNotPutDownToTheDead() {
        for (int i = 1; i <= 9; i++) {
            List<AdoptedProcess> started = IntStream.range(0, i)
                    .mapToObj(pid -> new AdoptedProcess(pid, false))
                    .toList();
            assertThat(leftovers.afterDeaths(Set.of("egress"), started)).isEmpty();
        }
    }

    @Test
    void whatIsNewAfterSeveralDeathsIsPutDownToNobody() {
        IntStream.range(0, 9)
                .forEach(left -> assertThat(leftovers.afterDeaths(Set.of("egress", "pipelock"), orphans(left)))
                        .isEmpty());
        assertThat(died("egress", 9)).isEmpty();
    }

    private Optional<String> died(String daemon, int left) {
        return leftovers.afterDeaths(Set.of(daemon), orphans(left)).map(OwnLine::message);
    }

    private static List<AdoptedProcess> orphans(int count) {
        return IntStream.range(0, count)
                .mapToObj(pid -> new AdoptedProcess(pid, true))
                .toList();
    }
}
