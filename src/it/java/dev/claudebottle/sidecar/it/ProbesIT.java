package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.QUICK;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static dev.claudebottle.sidecar.it.BundleText.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code readiness} and {@code liveness}. The test and the program share a network namespace. */
@NeedsNamespaces
class ProbesIT {

    /** Far longer than any response here takes. */
    private static final String OFTEN = ", period: 30ms, timeout: 5s";

    @TempDir
    Path directory;

    private static ServerSocket listenAt(int port) throws Exception {
        return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    }

    /** An exec probe of a shell command. */
    private static String shell(String command) {
        return "exec: [/bin/sh, -c, " + quoted(command) + "]";
    }

    private static String readiness(String target) {
        return "readiness: {" + target + OFTEN + "}";
    }

    @Test
    void byTcpADaemonIsReadyWhileItsPortTakesConnections() throws Exception {
        // Given
        int port = ProgramBuilder.freePort();
        BundleText bundle = bundle().daemon("egress", OBEDIENT, readiness("tcp: \"127.0.0.1:" + port + "\""));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress");
            program.awaitHttp();
            Map<String, Object> before = program.http.daemon("egress");
            List<Integer> healthBefore = List.of(program.http.health("ready"), program.http.health("started"));
            Map<String, Object> ready;
            List<Integer> health;
            try (ServerSocket _ = listenAt(port)) {
                program.awaitState("egress", "running");
                ready = program.http.daemon("egress");
                health = List.of(program.http.health("ready"), program.http.health("started"));
            }
            program.awaitState("egress", "starting");
            Map<String, Object> unready = program.http.daemon("egress");
            List<Integer> healthAfter = List.of(program.http.health("ready"), program.http.health("started"));
            try (ServerSocket _ = listenAt(port)) {
                program.awaitState("egress", "running");
                Map<String, Object> again = program.http.daemon("egress");
                int code = program.stop();

                // Then
                assertThat(before).containsEntry("state", "starting").containsEntry("ready", false);
                assertThat(before.get("pid")).isNotNull();
                assertThat((Map<?, ?>) before.get("gaps"))
                        .extracting("open", "count")
                        .containsExactly(false, 0);
                assertThat(healthBefore).containsExactly(503, 503);
                assertThat(ready).containsEntry("ready", true);
                assertThat(health).containsExactly(200, 200);
                assertThat(unready)
                        .containsEntry("ready", false)
                        .containsEntry("pid", before.get("pid"))
                        .containsEntry("lastExit", null);
                assertThat((Map<?, ?>) unready.get("gaps"))
                        .extracting("open", "count")
                        .containsExactly(true, 1);
                assertThat(healthAfter).containsExactly(503, 200);
                assertThat((Map<?, ?>) again.get("gaps"))
                        .extracting("open", "count")
                        .containsExactly(false, 1);
                assertThat(again).containsEntry("starts", 1);
                assertThat(program.ownLines().stream()
                                .map(line -> line.replaceAll("[0-9.]+ s$", "T s"))
                                .limit(4))
                        .containsExactly(
                                "starting egress",
                                "egress is ready",
                                "egress is not ready: Connection refused",
                                "egress is ready again after T s");
                assertThat(code).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 500, 503})
    void byHttpAFailureIsReportedWithItsStatus(int failure) throws Exception {
        // Given
        AtomicInteger status = new AtomicInteger(200);
        try (Receiver server = Receiver.answering(_ -> status.get())) {
            BundleText bundle =
                    bundle().daemon("egress", OBEDIENT, readiness("http: " + quoted(server.url("/health?deep=1"))));

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitLine("sidecar-init: egress is ready");
                status.set(failure);
                program.awaitLine("sidecar-init: egress is not ready: HTTP " + failure);
                status.set(204);
                program.awaitLine(line -> line.contains("egress is ready again after "), "of recovery");

                // Then
                assertThat(server.requests())
                        .allSatisfy(request -> assertThat(request)
                                .extracting(Receiver.Request::method, Receiver.Request::target)
                                .containsExactly("GET", "/health?deep=1"));
                assertThat(program.stop()).isZero();
            }
        }
    }

    @Test
    void byHttpARedirectPassesAndIsNotFollowed() throws Exception {
        // Given
        try (Receiver server = Receiver.answering(_ -> 302)) {
            BundleText bundle = bundle().daemon("egress", OBEDIENT, readiness("http: " + quoted(server.url("/"))));

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitLine("sidecar-init: egress is ready");
                program.awaitThat("some more", () -> server.requests().size() >= 5);

                // Then
                assertThat(server.requests("/elsewhere")).isEmpty();
                assertThat(program.ownLines()).containsExactly("starting egress", "egress is ready");
            }
        }
    }

    @Test
    void withAProxyTheRequestGoesToTheProxy() throws Exception {
        // Given: a host that only the proxy could resolve
        AtomicInteger status = new AtomicInteger(200);
        try (Receiver proxy = Receiver.answering(_ -> status.get())) {
            BundleText bundle = bundle().daemon(
                            "egress",
                            OBEDIENT,
                            readiness("http: \"http://egress.health/\", proxy: " + quoted(proxy.url(""))));

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitLine("sidecar-init: egress is ready");
                status.set(502);
                program.awaitLine("sidecar-init: egress is not ready: HTTP 502");

                // Then
                assertThat(proxy.requests())
                        .allSatisfy(request -> assertThat(request.target()).isEqualTo("http://egress.health/"));
                assertThat(program.stop()).isZero();
            }
        }
    }

    @Test
    void everyAddressOfLocalhostIsTried() throws Exception {
        // Given
        AtomicInteger status = new AtomicInteger(200);
        try (Receiver guard = Receiver.onIpv6(_ -> status.get())) {
            BundleText bundle = bundle().daemon(
                            "egress", OBEDIENT, readiness("tcp: \"localhost:" + guard.port() + "\""))
                    .daemon("pipelock", OBEDIENT, readiness("http: \"http://localhost:" + guard.port() + "/health\""));

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitLine("sidecar-init: egress is ready");
                program.awaitLine("sidecar-init: pipelock is ready");
                status.set(502);
                program.awaitLine("sidecar-init: pipelock is not ready: HTTP 502");

                // Then
                assertThat(program.stop()).isZero();
            }
        }
    }

    @Test
    void noAnswerInTimeIsAFailure() throws Exception {
        // Given
        AtomicInteger status = new AtomicInteger(200);
        try (Receiver server = Receiver.answering(_ -> status.get())) {
            BundleText bundle = bundle().daemon(
                            "egress",
                            OBEDIENT,
                            "readiness: {http: " + quoted(server.url("/")) + ", period: 50ms, timeout: 2s}");

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitLine("sidecar-init: egress is ready");
                status.set(-1);
                program.awaitLine("sidecar-init: egress is not ready: no answer within 2s");
                status.set(200);
                program.awaitLine(line -> line.contains("egress is ready again after "), "of recovery");

                // Then
                assertThat(program.stop()).isZero();
            }
        }
    }

    @Test
    void aGuardIsReadyLongBeforeItsPeriodIsOverAlsoAfterADeath() throws Exception {
        // Given
        Path file = directory.resolve("ready");
        Path asked = Files.createFile(directory.resolve("asked"));
        String probe = "echo >> " + asked + "; test -e " + file;
        BundleText bundle = bundle("failure_policy: restart", QUICK)
                .daemon("egress", OBEDIENT, "readiness: {" + shell(probe) + ", period: 10m, timeout: 5s}");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("two failures", () -> Files.size(asked) >= 2);
            Files.createFile(file);
            program.awaitLine("sidecar-init: egress is ready");
            Files.delete(file);
            Files.write(asked, new byte[0]);
            program.kill("egress");
            program.awaitThat("two failures", () -> Files.size(asked) >= 2);
            Files.createFile(file);

            // Then
            program.awaitLine(line -> line.contains("egress is ready again after "), "of recovery");
            assertThat(program.stop()).isZero();
        }
    }

    @Test
    void aGuardThatIsNotReadyAfterTenSecondsIsSaidWithTheCauseAndSoIsWhatWaitsForIt() throws Exception {
        // Given
        Path missing = directory.resolve("probe");
        String cause = "cannot start " + missing + ": No such file or directory";
        BundleText bundle = bundle().daemon("egress", OBEDIENT, "readiness: {exec: [" + missing + "]}")
                .daemon("git-gate", OBEDIENT, "depends_on: [egress]");

        // When
        try (Program program = ProgramBuilder.of(bundle).start();
                EventStreamClient stream = EventStreamClient.to(program)) {
            program.awaitLine("sidecar-init: egress is not ready yet after 10 s: " + cause);
            program.awaitLine("sidecar-init: git-gate waits for egress");
            stream.await("daemon.unready", 1);

            // Then
            Map<String, Object> egress = program.http.daemon("egress");
            assertThat((Map<?, ?>) egress.get("readiness"))
                    .extracting("passed", "failure")
                    .containsExactly(false, cause);
            assertThat(egress).containsEntry("liveness", null);
            assertThat((Map<?, ?>) egress.get("gaps")).extracting("count").isEqualTo(0);
            assertThat(stream.first("egress", "daemon.unready").data()).containsEntry("error", cause);
            assertThat(program.stop()).isZero();
        }
    }

    @Test
    void fewerFailuresInARowThanTheThresholdHaveNoEffect() throws Exception {
        // Given: two of three attempts fail
        AtomicInteger failure = new AtomicInteger(503);
        try (Receiver server = Receiver.answering(before -> before % 3 == 0 ? 200 : failure.get())) {
            BundleText bundle = bundle().daemon(
                            "egress",
                            OBEDIENT,
                            "readiness: {http: " + quoted(server.url("/"))
                                    + ", period: 20ms, timeout: 5s, failure_threshold: 3}");

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitLine("sidecar-init: egress is ready");
                program.awaitThat("some more", () -> server.requests().size() >= 20);
                program.stop();

                // Then
                assertThat(program.ownLines()).noneMatch(line -> line.contains("egress is not ready"));
            }
        }
    }

    @Test
    void byExecTheExitCodeCountsAndTheCommandsOutputIsDiscarded() throws Exception {
        // Given
        Path file = Files.createFile(directory.resolve("ready"));
        String probe = "echo noise; echo noise >&2; test -e " + file + " || exit 7";
        BundleText bundle = bundle().daemon("egress", OBEDIENT, readiness(shell(probe)));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitLine("sidecar-init: egress is ready");
            Files.delete(file);
            program.awaitLine("sidecar-init: egress is not ready: exit code 7");
            program.stop();

            // Then
            assertThat(program.linesOf("egress")).containsExactly("up");
            assertThat(program.lines()).noneMatch(line -> line.contains("noise"));
        }
    }

    @Test
    void anExecProbeHasTheDaemonsUserEnvironmentAndDirectory() throws Exception {
        // Given
        String probe = "test \"$GUARD\" = egress && test \"$(pwd)\" = /usr && test \"$(id -u)\" = 1234";
        BundleText bundle = bundle().daemon(
                        "egress",
                        OBEDIENT,
                        "environment: {GUARD: egress}",
                        "working_dir: /usr",
                        "user: \"1234\"",
                        readiness(shell(probe)));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitLine("sidecar-init: egress is ready");

            // Then
            assertThat(program.stop()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anExecProbeIsNotCountedAsAnOrphanAndLeavesNoZombie(boolean init) throws Exception {
        // Given
        Path attempts = directory.resolve("attempts");
        BundleText bundle = bundle().daemon("egress", OBEDIENT, readiness(shell("echo x >>" + attempts)));

        // When
        try (Program program = init
                ? ProgramBuilder.of(bundle).start()
                : ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitHttp();
            program.awaitThat(
                    "twenty",
                    () -> Files.exists(attempts) && Files.readAllLines(attempts).size() >= 20);
            int orphans = program.http.status().getInt("orphansReaped");
            program.awaitThat("no zombie", () -> program.zombies().isEmpty());

            // Then
            assertThat(orphans).isZero();
            assertThat(program.http.daemon("egress")).containsEntry("state", "running");
            assertThat(program.stop()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anExecProbesSessionIsKilledAtItsTimeout(boolean init) throws Exception {
        // Given
        Path file = Files.createFile(directory.resolve("ready"));
        String probe = "test -e " + file + " && exit 0; trap '' TERM; bash -c 'set -m; sleep 4711 & wait' & sleep 4712";
        BundleText bundle =
                bundle().daemon("egress", OBEDIENT, "readiness: {" + shell(probe) + ", period: 50ms, timeout: 1500ms}");

        // When
        try (Program program = init
                ? ProgramBuilder.of(bundle).start()
                : ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitHttp();
            program.awaitLine("sidecar-init: egress is ready");
            Files.delete(file);
            program.awaitThat(
                    "a probe that hangs", () -> !program.running("sleep 4711").isEmpty());
            program.awaitLine("sidecar-init: egress is not ready: no answer within 1500ms");
            Files.createFile(file);
            program.awaitLine(line -> line.contains("egress is ready again after "), "of recovery");
            program.awaitThat("no zombie", () -> program.zombies().isEmpty());

            // Then: at most one attempt ran at a time, and no process of those that hung is left
            assertThat(program.running("sleep 4711")).isEmpty();
            assertThat(program.running("sleep 4712")).isEmpty();
            assertThat(program.stop()).isZero();
        }
    }

    @Test
    void whatAnExecProbeLeavesInItsSessionIsKilledWhenItExits() throws Exception {
        // Given
        Path attempts = directory.resolve("attempts");
        String probe = "bash -c 'set -m; sleep 4711 & sleep 4711 & exit 0'; echo x >>" + attempts;
        BundleText bundle = bundle().daemon("egress", OBEDIENT, readiness(shell(probe)));

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat(
                    "ten",
                    () -> Files.exists(attempts) && Files.readAllLines(attempts).size() >= 10);

            // Then: except for those of one attempt that may be under way
            assertThat(program.running("sleep 4711")).hasSizeLessThanOrEqualTo(2);
            assertThat(program.stop()).isZero();
        }
    }

    @Test
    void aHangingProbeDoesNotDelayTheStopAndIsKilledByIt() throws Exception {
        // Given
        BundleText bundle = bundle("stop_grace_period: 1s")
                .daemon(
                        "egress",
                        OBEDIENT,
                        "readiness: {" + shell("trap '' TERM; sleep 4711 & sleep 4712") + ", period: 1s, timeout: 5m}");

        // When
        try (Program program = ProgramBuilder.of(bundle).init(false).start()) {
            program.awaitUp("egress");
            program.awaitThat("the probe", () -> program.running("sleep 4711").size() == 1);
            LinuxProcess probe = program.running("sleep 4711").getFirst();
            program.signal("TERM");
            int code = program.exitCodeWithin(Duration.ofMillis(2500));

            // Then
            assertThat(program.ownLines()).noneMatch(line -> line.contains("elapsed"));
            assertThat(probe.isAlive()).isFalse();
            assertThat(code).isZero();
        }
    }

    @Test
    void probesEndWithTheirDaemon() throws Exception {
        // Given: another daemon, whose probes show that time passes
        try (Receiver receiver = Receiver.answering(_ -> 200);
                Receiver clock = Receiver.answering(_ -> 200)) {
            BundleText bundle = bundle().daemon(
                            "egress",
                            OBEDIENT,
                            readiness("http: " + quoted(receiver.url("/"))),
                            "liveness: {http: " + quoted(receiver.url("/")) + OFTEN + "}")
                    .daemon("pipelock", OBEDIENT, readiness("http: " + quoted(clock.url("/"))));

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitHttp();
                program.awaitThat("some", () -> receiver.requests().size() >= 4);
                program.kill("egress");
                program.awaitState("egress", "exited");
                int until = receiver.requests().size();
                int ticks = clock.requests().size();
                program.awaitThat("ten", () -> clock.requests().size() >= ticks + 10);

                // Then: except for one that may have been under way
                assertThat(receiver.requests().size()).isLessThanOrEqualTo(until + 1);
                assertThat(program.http.daemon("egress")).containsEntry("state", "exited");
                assertThat(program.stop()).isEqualTo(137);
            }
        }
    }

    @Test
    void probingStartsAgainWithEveryStart() throws Exception {
        // Given
        try (Receiver server = Receiver.answering(_ -> 200)) {
            BundleText bundle = bundle("failure_policy: restart", QUICK)
                    .daemon("egress", OBEDIENT, readiness("http: " + quoted(server.url("/"))));

            // When
            try (Program program = ProgramBuilder.of(bundle).start()) {
                program.awaitHttp();
                for (int start = 1; start <= 3; start++) {
                    program.awaitStart("egress", start);
                    program.kill("egress");
                }
                program.awaitStart("egress", 4);
                program.stop();

                // Then
                assertThat(program.ownLines()).containsOnlyOnce("egress is ready");
                assertThat(program.ownLines().stream().filter(line -> line.startsWith("egress is ready again after ")))
                        .hasSize(3);
            }
        }
    }
}
