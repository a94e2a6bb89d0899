package dev.claudebottle.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code readiness} and {@code liveness}. */
class ProbeTest {

    private static Daemon daemon(String keys) {
        return BundleFixture.daemon("command: [x]\n" + keys);
    }

    private static Probe.Target target(String probe) {
        return daemon("liveness: " + probe).liveness().orElseThrow().target();
    }

    @Test
    void byDefaultThereIsNone() {
        assertThat(daemon("").readiness()).isEmpty();
        assertThat(daemon("").liveness()).isEmpty();
    }

    @Test
    void byDefaultOneFailureMakesUnreadyAndThreeMakeDead() {
        // When
        Daemon daemon = daemon("readiness: {tcp: \"a:1\"}\nliveness: {tcp: \"a:1\"}");

        // Then
        Probe.Target asked = new Probe.Target.Tcp("a", 1);
        assertThat(daemon.readiness()).contains(new Probe(asked, TimeSpan.of("10s"), TimeSpan.of("1s"), 1));
        assertThat(daemon.liveness()).contains(new Probe(asked, TimeSpan.of("10s"), TimeSpan.of("1s"), 3));
    }

    @Test
    void everyKeyOfAProbeIsRead() {
        // When
        Daemon daemon = daemon("""
                readiness: {tcp: "127.0.0.1:9099", period: 500ms, timeout: 2s, failure_threshold: 7}
                liveness: {http: "http://egress.health/", proxy: "http://127.0.0.1:9099", period: 1m, timeout: 3s, failure_threshold: 4}
                """);

        // Then
        assertThat(daemon.readiness())
                .contains(
                        new Probe(new Probe.Target.Tcp("127.0.0.1", 9099), TimeSpan.of("500ms"), TimeSpan.of("2s"), 7));
        assertThat(daemon.liveness())
                .contains(new Probe(
                        new Probe.Target.Http(
                                URI.create("http://egress.health/"), Optional.of(URI.create("http://127.0.0.1:9099"))),
                        TimeSpan.of("1m"),
                        TimeSpan.of("3s"),
                        4));
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:9099,127.0.0.1,9099", "localhost:1,localhost,1", "[::1]:65535,::1,65535"})
    void anAddressIsAHostAndAPort(String address, String host, int port) {
        assertThat(target("{tcp: \"" + address + "\"}")).isEqualTo(new Probe.Target.Tcp(host, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://egress.health/", "https://[::1]:8443/x?y=z", "http://127.0.0.1"})
    void aUrlHasNoProxyByDefault(String url) {
        assertThat(target("{http: \"" + url + "\"}"))
                .isEqualTo(new Probe.Target.Http(URI.create(url), Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({"https://a/,http://proxy:1", "http://a/,http://me:secret@proxy:1"})
    void aProxyMayLackAUserOrTunnelNothing(String url, String proxy) {
        assertThat(target("{http: \"" + url + "\", proxy: \"" + proxy + "\"}"))
                .isEqualTo(new Probe.Target.Http(URI.create(url), Optional.of(URI.create(proxy))));
    }

    @Test
    void aProgramIsTakenAsWritten() {
        assertThat(target("{exec: [test, -f, $HOME/1, 012]}"))
                .isEqualTo(new Probe.Target.Exec(List.of("test", "-f", "$HOME/1", "012")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | null; expected a map",
                "tcp | text; expected a map",
                "{} | nothing to probe; expected exactly one of tcp, http, exec",
                "{period: 1s} | nothing to probe; expected exactly one of tcp, http, exec",
                "{tcp: \"a:1\", exec: [x]} | tcp and exec together; expected exactly one of tcp, http, exec",
                "{tcp: \"a:1\", proxy: \"http://a:1\"} | .proxy: a proxy without http; expected it beside http only",
                "{http: \"http://a\", proxy: \"a:1\"} | .proxy: not an http URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "{http: \"http://a\", proxy: \"https://a:1\"} | .proxy: not an http URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "{http: \"https://a\", proxy: \"http://me:secret@a:1\"} | .proxy: a user, who can't be sent for an https URL; expected a proxy without a user",
                "{http: /health} | .http: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "{http: \"http://a b/\"} | .http: not an http or https URL; expected a URL with a host, as in http://127.0.0.1:9100/",
                "{tcp: \"9099\"} | .tcp: not an address; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{tcp: 9099} | .tcp: a number; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{tcp: \"a:0\"} | .tcp: not an address; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{tcp: \"a:65536\"} | .tcp: not an address; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{tcp: \"::1:80\"} | .tcp: not an address; expected \"HOST:PORT\" with a port from 1 to 65535",
                "{exec: []} | .exec: an empty list; expected a list of the program and its arguments",
                "{exec: test -f x} | .exec: text; expected a list of the program and its arguments",
                "{exec: [x], period: 0s} | .period: \"0s\" is not a duration above 0; expected a whole number and ms, s or m, as in 8s",
                "{exec: [x], timeout: 1} | .timeout: \"1\" is not a duration above 0; expected a whole number and ms, s or m, as in 8s",
                "{exec: [x], failure_threshold: 0} | .failure_threshold: \"0\" is out of range; expected a whole number from 1 to 999999999",
                "{exec: [x], failure_threshold: } | .failure_threshold: null; expected a whole number from 1 to 999999999",
                "{exec: [x], interval: 1s} | .interval: unknown key; expected one of tcp, http, exec, proxy, period, timeout, failure_threshold",
            })
    void aWrongProbeIsOneErrorWithItsLine(String probe, String error) {
        for (String key : List.of("readiness", "liveness")) {
            String full = "daemons.egress." + key + (error.startsWith(".") ? error : ": " + error);

            assertThat(BundleFixture.errorsInDaemon(key + ": " + probe)).containsExactly("b.yaml:4: " + full);
        }
    }
}
