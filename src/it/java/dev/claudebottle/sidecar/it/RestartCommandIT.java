package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.IGNORES_TERM;
import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code restart NAME}, over the Unix socket. */
@NeedsNamespaces
class RestartCommandIT {

    private static final String SOCKET = "CLAUDE_BOTTLE_SIDECAR_SOCKET";
    private static final String NOBODY = "set -- setpriv --reuid 54327 --regid 54327 --clear-groups \"$@\"";

    @TempDir
    Path directory;

    private Path socket;

    private record Result(int code, List<String> lines, List<String> errors) {}

    @BeforeEach
    void letOthersIn() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        socket = directory.resolve("control.sock");
    }

    private Program start(BundleText bundle) throws IOException {
        Program program =
                ProgramBuilder.of(bundle).env(SOCKET, socket.toString()).start();
        program.awaitHttp();
        program.awaitThat("the socket", () -> {
            SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
            return true;
        });
        return program;
    }

    private ProgramBuilder command(String daemon) {
        return ProgramBuilder.of("restart", daemon).env(SOCKET, socket.toString());
    }

    private Result restart(String daemon) throws Exception {
        return run(command(daemon));
    }

    private static Result run(ProgramBuilder command) throws Exception {
        try (Program client = command.start()) {
            int code = client.exitCode();
            return new Result(code, client.lines(), client.errors());
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> gaps(Program program) {
        return (Map<String, Object>) program.http.daemon("egress").get("gaps");
    }

    private static double number(Map<String, Object> gaps, String key) {
        return ((Number) gaps.get(key)).doubleValue();
    }

    private static List<String> ownLinesAbout(Program program, String daemon) {
        return program.ownLines().stream()
                .filter(line -> line.contains(daemon))
                .map(line -> line.replaceAll("[0-9]+\\.[0-9]+ s", "T s"))
                .toList();
    }

    @Test
    void restartsADaemonAndRecordsThatItsGapWasPlanned() throws Exception {
        // Given
        BundleText bundle = bundle("failure_policy: teardown")
                .daemon("egress", OBEDIENT, "readiness: {exec: [\"true\"]}")
                .daemon("pipelock", OBEDIENT);
        try (Program program = start(bundle);
                EventStreamClient events = EventStreamClient.to(program)) {
            program.awaitStart("egress", 1);

            // When
            Result result = restart("egress");
            Map<String, Object> egress = program.http.daemon("egress");
            Map<String, Object> gaps = gaps(program);
            String metrics = program.http.get("/q/metrics").body();
            events.await("daemon.recovered", 1);
            int code = program.stop();

            // Then
            assertThat(result.errors()).isEmpty();
            assertThat(result.code()).isZero();
            assertThat(result.lines()).hasSize(2);
            assertThat(result.lines().getFirst()).isEqualTo("restarting egress");
            assertThat(result.lines().getLast()).matches("egress has been restarted in [0-9.]+ s");
            assertThat(egress)
                    .containsEntry("starts", 2)
                    .containsEntry("restarts", 1)
                    .containsEntry("ready", true);
            assertThat(gaps).containsEntry("open", false).containsEntry("count", 0);
            assertThat(number(gaps, "seconds")).isZero();
            assertThat(number(gaps, "plannedSeconds")).isPositive();
            assertThat(metrics)
                    .containsPattern("sidecar_daemon_planned_gap_seconds_total\\{daemon=\"egress\",?\\} [0-9.]*[1-9]")
                    .containsPattern("sidecar_daemon_deaths_total\\{daemon=\"egress\",reason=\"signal\",?\\} 0\\.0");
            for (String type : List.of("daemon.restarting", "daemon.exited", "daemon.recovered")) {
                assertThat(events.first("egress", type).data()).as(type).containsEntry("planned", true);
            }
            assertThat(events.first("egress", "daemon.started").data()).containsEntry("planned", false);
            assertThat(ownLinesAbout(program, "egress"))
                    .containsExactly(
                            "starting egress",
                            "egress is ready",
                            "restarting egress (asked for)",
                            "egress exited with code 143 (SIGTERM)",
                            "starting egress",
                            "egress is ready again after T s",
                            "egress exited with code 143 (SIGTERM)");
            assertThat(code).isZero();
        }
    }

    @Test
    void killsWhatIgnoresItsStopSignalWhenItsGraceIsOver() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", IGNORES_TERM, "stop_grace_period: 200ms")
                .daemon("pipelock", OBEDIENT);
        try (Program program = start(bundle)) {
            program.awaitUp("egress");

            // When
            Result result = restart("egress");

            // Then
            assertThat(result.code()).isZero();
            assertThat(ownLinesAbout(program, "egress"))
                    .containsExactly(
                            "starting egress",
                            "restarting egress (asked for)",
                            "grace (200ms) elapsed; SIGKILL on egress",
                            "egress exited with code 137 (SIGKILL)",
                            "starting egress",
                            "egress is ready again after T s");
            assertThat(program.http.daemon("pipelock")).containsEntry("starts", 1);
        }
    }

    @Test
    void startsADeadDaemonAgainAndSaysWhenThatFails() throws Exception {
        // Given
        Path program = directory.resolve("egress");
        Files.writeString(program, "#!/bin/sh\n" + OBEDIENT + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        BundleText bundle =
                bundle().command("egress", List.of(program.toString())).daemon("pipelock", OBEDIENT);
        try (Program supervisor = start(bundle)) {
            supervisor.kill("egress");
            supervisor.awaitState("egress", "exited");

            // When
            Result restarted = restart("egress");
            Map<String, Object> gaps = gaps(supervisor);
            Files.delete(program);
            Result failed = restart("egress");

            // Then
            assertThat(restarted.code()).isZero();
            assertThat(gaps).containsEntry("open", false).containsEntry("count", 1);
            assertThat(number(gaps, "plannedSeconds")).isZero();
            assertThat(failed.code()).isEqualTo(1);
            assertThat(failed.errors())
                    .containsExactly("cannot restart egress: it cannot be started: No such file or directory");
            assertThat(gaps(supervisor)).containsEntry("open", true).containsEntry("count", 2);
        }
    }

    @Test
    void refusesUnknownNamesAndAStoppingBundle() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", IGNORES_TERM).daemon("pipelock", OBEDIENT);
        try (Program program = start(bundle)) {
            program.awaitUp("egress");

            // When
            Result unknown = restart("egres");
            Result wrong = restart("a b");
            program.signal("TERM");
            program.awaitState("egress", "stopping");
            Result late = restart("pipelock");

            // Then
            assertThat(unknown.code()).isEqualTo(2);
            assertThat(unknown.errors())
                    .containsExactly("cannot restart egres: no daemon has this name; expected egress, pipelock");
            assertThat(wrong.code()).isEqualTo(2);
            assertThat(wrong.errors()).first().asString().contains("not the name of a daemon");
            assertThat(late.code()).isEqualTo(1);
            assertThat(late.errors()).containsExactly("cannot restart pipelock: the bundle is stopping");
        }
    }

    @Test
    void onlyRootAndOurUserMayAskAndNobodyBlocksThem() throws Exception {
        // Given
        Program.assumeReadableByAnyone();
        try (Program program = start(bundle().daemon("egress", OBEDIENT));
                SocketChannel flood = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            List<SocketChannel> silent = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                silent.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            }
            String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(socket));

            // When
            flood.write(ByteBuffer.allocate(1000));
            ByteBuffer refusal = ByteBuffer.allocate(100);
            flood.configureBlocking(false);
            program.awaitThat("the refusal", () -> flood.read(refusal) > 0);
            Result byMode = run(command("egress").setup(NOBODY));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            Result byUser = run(command("egress").setup(NOBODY));
            Result ours = restart("egress");

            // Then
            assertThat(mode).isEqualTo("rw-------");
            assertThat(new String(refusal.array(), 0, refusal.position())).startsWith("2 expected: restart NAME");
            assertThat(byMode.code()).isEqualTo(3);
            assertThat(byMode.errors()).containsExactly("cannot restart egress: " + socket + ": Permission denied");
            assertThat(byUser.code()).isEqualTo(1);
            assertThat(byUser.errors())
                    .containsExactly(
                            "cannot restart egress: only root and the user of Sidecar Init may restart a daemon");
            assertThat(ours.code()).isZero();
            for (SocketChannel client : silent) {
                client.configureBlocking(false);
                program.awaitThat("the end of a silent client", () -> client.read(ByteBuffer.allocate(1)) == -1);
                client.close();
            }
            assertThat(program.http.daemon("egress")).containsEntry("starts", 2);
        }
    }

    @Test
    void replacesASocketThatIsStaleAndLeavesOneThatIsServed() throws Exception {
        // Given
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();
        try (Program first = start(bundle().daemon("egress", OBEDIENT))) {
            // When
            String refusal = "sidecar-init: cannot listen on " + socket
                    + ": another instance listens there; the command restart needs a socket, see " + SOCKET;
            try (Program second = ProgramBuilder.of(bundle().daemon("pipelock", OBEDIENT))
                    .env(SOCKET, socket.toString())
                    .start()) {
                second.awaitLine(refusal);
                assertThat(second.stop()).isZero();
            }

            // Then
            assertThat(restart("egress").code()).isZero();
            assertThat(first.stop()).isZero();
            assertThat(socket).doesNotExist();
            Result nobody = restart("egress");
            assertThat(nobody.code()).isEqualTo(3);
            assertThat(nobody.errors())
                    .containsExactly("cannot restart egress: " + socket + ": No such file or directory");
        }
    }

    @Test
    void aSocketThatCannotBeMadeIsOneLine() throws Exception {
        // Given
        Path file = Files.writeString(directory.resolve("file"), "mine");
        for (String path : List.of(directory.resolve("none/x.sock").toString(), file.toString())) {
            try (Program program = ProgramBuilder.of(bundle().daemon("egress", OBEDIENT))
                    .env(SOCKET, path)
                    .start()) {

                // When
                program.awaitLine(line -> line.startsWith("sidecar-init: cannot listen on " + path + ": "), path);

                // Then
                assertThat(program.stop()).isZero();
                assertThat(program.ownLines())
                        .filteredOn(line -> line.contains("cannot"))
                        .hasSize(1);
            }
        }
        assertThat(file).hasContent("mine");
    }
}
