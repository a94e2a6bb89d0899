package dev.claudebottle.sidecar.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {

    @ParameterizedTest
    @CsvSource({"SIGTERM,15", "TERM,15", "SIGKILL,9", "QUIT,3", "SIGRTMIN+3,37"})
    void aSignalIsItsNameWithOrWithoutSig(String name, int number) {
        assertThat(Signal.parse(name)).contains(new Signal(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "15", "SIG", "term", "SIGSIGTERM", "SIG32", "TERMINATE"})
    void anythingElseIsNoSignal(String name) {
        assertThat(Signal.parse(name)).isEmpty();
    }
}
