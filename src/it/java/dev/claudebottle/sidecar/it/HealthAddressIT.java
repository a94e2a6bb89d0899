package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code CLAUDE_BOTTLE_SIDECAR_HEALTH_ADDRESS}: health and metrics for kubelets and Prometheus, and nothing else. */
@NeedsNamespaces
class HealthAddressIT {

    private static final String VARIABLE = "CLAUDE_BOTTLE_SIDECAR_HEALTH_ADDRESS";

    private static final List<String> PATHS =
            List.of("/q/health", "/q/health/live", "/q/health/ready", "/q/health/started", "/q/metrics");

    private static final List<String> OTHERS = List.of(
            "/",
            "/status",
            "/events",
            "/nothing",
            "/q",
            "/q/anything",
            "/q/health/",
            "/q/health/group",
            "/q//health",
            "/q/%68ealth",
            "/q/health/../../status",
            "/q/health/..%2f..%2fstatus",
            "http://localhost/q/health",
            "http://localhost/status");

    private final int port = ProgramBuilder.freePort();

    private ProgramBuilder with(String address) {
        return ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).env(VARIABLE, address);
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1", "[::], ::1", "[::], 127.0.0.1", "[::1], ::1", "127.0.0.9, 127.0.0.9"})
    void healthAndMetricsAreAnsweredThereAndNothingElseIs(String address, String reached) throws Exception {
        // Given
        try (Program program = with(address + ":" + port).start()) {
            program.awaitHttp();
            program.awaitThat("health", () -> status(reached, "GET", "/q/health/live", "localhost") == 200);

            // Then
            for (String path : PATHS) {
                assertThat(status(reached, "GET", path, "localhost")).as(path).isEqualTo(200);
                assertThat(status(reached, "HEAD", path, "localhost")).as(path).isEqualTo(200);
                assertThat(status(reached, "POST", path, "localhost")).as(path).isEqualTo(405);
            }
            for (String target : OTHERS) {
                assertThat(status(reached, "GET", target, "localhost"))
                        .as(target)
                        .isEqualTo(404);
            }
            assertThat(program.ownLines()).containsExactly("starting egress");
            assertThat(program.errors()).isEmpty();
        }
    }

    @Test
    void itIsAnsweredForAnyHostAndTheOtherAddressIsNot() throws Exception {
        // Given
        try (Program program = with("127.0.0.1:" + port).start()) {
            program.awaitHttp();
            program.awaitThat("health", () -> health("live") == 200);

            // Then
            assertThat(status("127.0.0.1", "GET", "/q/health", "bottle-guard.agents.svc:9181"))
                    .isEqualTo(200);
            try (RawClient client = new RawClient(program)) {
                assertThat(client.statusLine("/q/health", "bottle-guard.agents.svc:9181"))
                        .isEqualTo("HTTP/1.1 421 Misdirected Request");
            }
        }
    }

    @Test
    void aClientInAnotherNetworkIsAnsweredThere() throws Exception {
        // Given: two networks, as a kubelet's node has
        ProgramBuilder builder = with("10.2.0.1:" + port)
                .setup(
                        "set -- unshare --net sh -euc 'ip link set lo up; ip link add inside type veth peer name outside;"
                                + " ip address add 10.1.0.1/24 dev inside; ip address add 10.2.0.1/24 dev outside;"
                                + " ip link set inside up; ip link set outside up; exec \"$@\"' sh \"$@\"");

        // When
        try (Program program = builder.start()) {
            // Then
            program.awaitThat(
                    "an answer",
                    () -> LinuxProcess.shell("nsenter --net --target "
                                    + program.proc().pid()
                                    + " curl --silent --output /dev/null --noproxy '*' --max-time 5 --interface 10.1.0.1"
                                    + " http://10.2.0.1:" + port + "/q/health/live")
                            == 0);
        }
    }

    @Test
    void withoutTheVariableOrWithAnEmptyOneNothingMoreListens() throws Exception {
        for (ProgramBuilder builder : List.of(with(""), with("").without(VARIABLE))) {
            try (Program program = builder.start()) {
                program.awaitHttp();
                assertThat(program.proc().listeningAddresses()).hasSize(1);
            }
        }
    }

    @Test
    void theDemoDoesNotListenThere() throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of("demo").env(VARIABLE, "127.0.0.1:" + port);

        // When
        try (Program program = builder.start()) {
            program.awaitHttp();

            // Then
            assertThat(program.proc().listeningAddresses()).hasSize(1);
        }
    }

    @Test
    void itCostsNoThread() throws Exception {
        // Given
        int without;
        try (Program program = with("").start()) {
            program.awaitHttp();
            program.awaitThat("end of the start", () -> startHasEnded(program));
            without = program.proc().threads();
        }

        // When
        try (Program program = with("127.0.0.1:" + port).start()) {
            program.awaitHttp();
            program.awaitThat("health", () -> health("live") == 200);

            // Then
            program.awaitThat(
                    "as many threads",
                    () -> startHasEnded(program) && program.proc().threads() == without);
        }
    }

    private static boolean startHasEnded(Program program) {
        return Stream.of("libc-preload", "class-preload").noneMatch(program.proc()::hasThread);
    }

    @Test
    void duringAStopItAnswersAsEverywhere() throws Exception {
        // Given
        ProgramBuilder builder = ProgramBuilder.of(bundle("stop_grace_period: 60s")
                        .daemon("deaf", IGNORES_TERM)
                        .daemon("egress", OBEDIENT))
                .env(VARIABLE, "127.0.0.1:" + port);

        // When
        try (Program program = builder.start()) {
            program.awaitUp("deaf", "egress");
            program.awaitThat("health", () -> health("started") == 200);
            program.signal("TERM");

            // Then
            program.awaitThat("not ready", () -> health("ready") == 503);
            assertThat(health("live")).isEqualTo(200);
            assertThat(health("started")).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, Address already in use",
        "0.0.0.0, Address already in use",
        "192.0.2.1, Cannot assign requested address",
        "no-such-host.invalid, Unknown host",
    })
    void whereItCantListenIsOneLineAndTheRestIsServed(String host, String cause) throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Program program = with(host + ":" + taken.getLocalPort()).start()) {
            // When
            program.awaitLine("sidecar-init: cannot serve HTTP on " + host + ":" + taken.getLocalPort() + ": " + cause
                    + "; the guards stay up");
            program.awaitHttp();

            // Then
            assertThat(program.http.health("ready")).isEqualTo(200);
            assertThat(program.stop()).isZero();
            assertThat(program.ownLines()).hasSize(5);
            assertThat(program.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, Address already in use", "no-such-host.invalid, Unknown host"})
    void whenTheOtherAddressCantBeHadHealthIsServedAllTheSame(String host, String cause) throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Program program = with("127.0.0.1:" + port)
                        .port(taken.getLocalPort())
                        .env("QUARKUS_HTTP_HOST", host)
                        .start()) {
            // When
            program.awaitLine("sidecar-init: cannot serve HTTP on " + host + ":" + taken.getLocalPort() + ": " + cause
                    + "; the guards stay up");
            program.awaitThat("health", () -> health("ready") == 200);

            // Then: there, as ever
            assertThat(status("127.0.0.1", "GET", "/status", "localhost")).isEqualTo(404);
            assertThat(status("127.0.0.1", "GET", "/q/metrics", "any.example")).isEqualTo(200);
            assertThat(program.stop()).isZero();
            assertThat(program.ownLines()).hasSize(5);
            assertThat(program.errors()).isEmpty();
        }
    }

    @Test
    void whenNeitherCanBeHadEachHasItsLine() throws Exception {
        // Given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                Program program =
                        with("192.0.2.1:" + port).port(taken.getLocalPort()).start()) {
            // When
            program.awaitLine("sidecar-init: cannot serve HTTP on 127.0.0.1:" + taken.getLocalPort()
                    + ": Address already in use; the guards stay up");
            program.awaitLine("sidecar-init: cannot serve HTTP on 192.0.2.1:" + port
                    + ": Cannot assign requested address; the guards stay up");

            // Then
            assertThat(program.stop()).isZero();
            assertThat(program.ownLines()).hasSize(6);
        }
    }

    @Test
    void twoNamesOfOneAddressAreFoundWhenTheyAreLookedUp() throws Exception {
        // Given
        try (Program program = with("localhost:" + port).port(port).start()) {
            // When
            program.awaitLine("sidecar-init: cannot serve HTTP on localhost:" + port
                    + ": that is the address of 127.0.0.1:" + port + "; the guards stay up");
            program.awaitHttp();

            // Then
            assertThat(program.http.status().getString("state")).isEqualTo("running");
        }
    }

    @ParameterizedTest
    @CsvSource({"run, 0.0.0.0:9180", "check, 0.0.0.0:9180", "run, 9181", "check, [::1]"})
    void aWrongOneOrThePortOfTheOtherAddressIsRefused(String command, String address) throws Exception {
        // Given
        ProgramBuilder builder = with(address).with(command).env("QUARKUS_HTTP_PORT", "9180");

        // When
        try (Program program = builder.start()) {
            // Then
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.errors()).hasSize(1);
            assertThat(program.errors().getFirst()).startsWith(VARIABLE + ": \"" + address + "\" ");
            assertThat(program.lines()).isEmpty();
        }
    }

    @Test
    void crowdsAtBothAddressesLeaveDaemonsAndReceiversTheirDescriptors() throws Exception {
        // Given: 30 more than the server needs, and receivers that hold their connections
        try (Receiver hanging = Receiver.answering(_ -> -1)) {
            String urls =
                    IntStream.range(0, 8).mapToObj(i -> hanging.url("/" + i)).collect(Collectors.joining(", "));
            ProgramBuilder builder = ProgramBuilder.of(
                            bundle("failure_policy: restart", BundleText.QUICK, "notify: {urls: [" + urls + "]}")
                                    .daemon("egress", OBEDIENT)
                                    .daemon("pipelock", OBEDIENT))
                    .env(VARIABLE, "127.0.0.1:" + port)
                    .setup("ulimit -Sn 160; ulimit -Hn 160");
            try (Program program = builder.start()) {
                program.awaitUp("egress", "pipelock");
                program.awaitHttp();
                program.awaitThat("health", () -> health("ready") == 200);
                int egress = (int) program.http.daemon("egress", "pid");
                int pipelock = (int) program.http.daemon("pipelock", "pid");

                // When
                String request = RawClient.request("/q/health/live");
                try (Crowd _ = Crowd.sending(port, 128, request);
                        Crowd _ = Crowd.sending(program.http.port(), 128, request)) {
                    program.inside(egress).kill();
                    program.awaitThat("each receiver", () -> hanging.requests().size() >= 8);
                    program.inside(pipelock).kill();
                    program.awaitStart("egress", 2);
                    program.awaitStart("pipelock", 2);

                    // Then
                    assertThat(health("live")).isEqualTo(200);
                    assertThat(program.ownLines())
                            .noneMatch(line -> line.startsWith("cannot ") || line.contains("Too many open files"));
                }
            }
        }
    }

    private int health(String check) throws IOException {
        return status("127.0.0.1", "GET", "/q/health/" + check, "localhost");
    }

    private int status(String address, String method, String target, String host) throws IOException {
        try (RawClient client = new RawClient(address, port)) {
            return client.status(method, target, host);
        }
    }
}
