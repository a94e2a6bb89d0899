package dev.claudebottle.sidecar.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Identity;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventSourceTest {

    @ParameterizedTest
    @CsvSource({
        ",,, /sidecar-init/host",
        "b,,, /sidecar-init/b/host",
        ",n,, /sidecar-init/n/host",
        ",,p, /sidecar-init/p",
        "b,n,, /sidecar-init/n/b/host",
        "b,,p, /sidecar-init/b/p",
        "b,n,p, /sidecar-init/n/b/p",
    })
    void thePartsThatAreSetFollowOneAnotherAndTheHostStandsInForThePod(
            String bottle, String namespace, String pod, String source) {
        // Given
        Identity identity =
                new Identity(Optional.ofNullable(bottle), Optional.ofNullable(namespace), Optional.ofNullable(pod));

        // Then
        assertThat(EventSource.of(identity, "host")).isEqualTo(source);
    }

    @Test
    void aHostNameIsQuoted() {
        assertThat(EventSource.of(Identity.NONE, "a b%é")).isEqualTo("/sidecar-init/a%20b%25%C3%A9");
    }

    @Test
    void eachNameIsAPathSegmentAsItIs() {
        // Given every character that a name may have
        String name = "azAZ09_.-";
        Identity identity = new Identity(Optional.of(name), Optional.of(name), Optional.of(name));

        // When
        URI source = URI.create(EventSource.of(identity, "host"));

        // Then
        assertThat(source.getRawPath()).isEqualTo("/sidecar-init/" + name + "/" + name + "/" + name);
        assertThat(source.normalize()).isEqualTo(source);
    }
}
