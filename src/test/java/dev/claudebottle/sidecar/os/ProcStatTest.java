package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcStatTest {

    @Test
    void aNameMayContainAnything() {
        // Given
        String name = "a) S 9 9 9 (\n) (";
        String stat = "123 (" + name + ") S 1 77 42 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 5 999 250"
                + " 18446744073709551615 1 1 0 0\n";

        // When / Then
        assertThat(ProcStat.parse(stat)).hasValue(new ProcStat(123, 1, 42, 100, 250));
    }

    @Test
    void anIncompleteTextIsNoProcess() {
        assertThat(ProcStat.parse("")).isEmpty();
        assertThat(ProcStat.parse("123 (sh) S 1")).isEmpty();
    }
}
