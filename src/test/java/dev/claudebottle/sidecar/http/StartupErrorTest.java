package dev.claudebottle.sidecar.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.QuarkusBindException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import org.junit.jupiter.api.Test;

class StartupErrorTest {

    @Test
    void aPortThatIsTakenHasTheSystemsMessage() {
        assertThat(words(new QuarkusBindException("127.0.0.1", 9180, new BindException("Address already in use"))))
                .isEqualTo("Address already in use");
        assertThat(words(new QuarkusBindException("::1", 80, new BindException("Permission denied"))))
                .isEqualTo("Permission denied");
    }

    @Test
    void aHostThatIsUnknownIsNamed() {
        assertThat(words(new UnknownHostException("nosuch.invalid"))).isEqualTo("Unknown host");
    }

    @Test
    void anIpv6AddressWithoutIpv6IsExplained() {
        assertThat(words(new RuntimeException(new UnsupportedAddressTypeException())))
                .isEqualTo("IPv6 is not available");
    }

    @Test
    void whatAStaticInitialiserLackedIsNamed() {
        String jvms = "Exception java.lang.OutOfMemoryError: unable to create native thread [in thread \"main\"]";
        assertThat(words(new ExceptionInInitializerError(jvms))).isEqualTo("unable to create native thread");
    }

    @Test
    void theInnermostCauseWithAMessageCounts() {
        assertThat(words(new IllegalStateException("inner", new NullPointerException())))
                .isEqualTo("inner");
    }

    @Test
    void aCauseWithoutAMessageIsNamedByItsType() {
        assertThat(StartupError.message(new StackOverflowError())).isEqualTo("StackOverflowError");
    }

    @Test
    void itIsOneLine() {
        assertThat(words(new IllegalStateException(" a:\n\tb\r\n c "))).isEqualTo("a: b c");
    }

    @Test
    void aCircularChainOfCausesEnds() {
        // Given
        Exception first = new Exception("first");
        Exception second = new Exception("second", first);
        first.initCause(second);
        // When / Then
        assertThat(StartupError.message(first)).isIn("first", "second");
    }

    private static String words(Throwable cause) {
        return StartupError.message(new RuntimeException("Failed to start quarkus", cause));
    }
}
