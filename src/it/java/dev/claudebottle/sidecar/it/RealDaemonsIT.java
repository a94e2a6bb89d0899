package dev.claudebottle.sidecar.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.Assumptions.assumingThat;

import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real daemons: mitmdump, pipelock, git daemon and a web server in Python. */
@NeedsNamespaces
class RealDaemonsIT {

    /** The default grace period. */
    private static final Duration GRACE = Duration.ofSeconds(8);

    /** Joined at run time, so that no secret scanner reports this file. */
    private static final String SECRET = String.join("", "AKIA", "IOSFODNN7", "EXAMPLE");

    private static final String NO_MITMDUMP = "no mitmdump on the PATH: nothing to test";
    private static final String NO_PYTHON = "no python3 on the PATH: nothing to test";
    private static final String NO_PIPELOCK =
            "no pipelock here (PIPELOCK_BIN, or on the PATH): egress goes straight to the origin";
    private static final String NO_GIT = "no git daemon here: the bundle has no git-gate";

    @TempDir
    private Path home;

    private RealGuards guards;

    @BeforeAll
    static void printMissing() {
        printUnless(RealGuards.MITMDUMP.isPresent(), NO_MITMDUMP);
        printUnless(RealGuards.PYTHON.isPresent(), NO_PYTHON);
        printUnless(RealGuards.PIPELOCK.isPresent(), NO_PIPELOCK);
        printUnless(RealGuards.GIT.isPresent(), NO_GIT);
    }

    @BeforeEach
    void prepare() throws IOException {
        assumeTrue(RealGuards.MITMDUMP.isPresent(), NO_MITMDUMP);
        assumeTrue(RealGuards.PYTHON.isPresent(), NO_PYTHON);
        guards = new RealGuards(home);
    }

    @Test
    void realGuardsServeAndStopInTime() throws Exception {
        // Given
        try (Program program = guards.start()) {
            assertThat(program.http.health("ready")).isEqualTo(200);

            // When
            HttpResponse<String> answer = guards.get("/note.txt");
            program.signal("TERM");

            // Then
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("from the origin");
            assertThat(program.exitCodeWithin(GRACE)).isZero();
            assertThat(program.ownLines())
                    .contains("shutting down (SIGTERM); forwarding SIGTERM", "egress exited with code 0")
                    .contains("supervise exited with code 143 (SIGTERM)")
                    .noneMatch(line -> line.contains("SIGKILL"))
                    .endsWith("exit 0");
            assertThat(program.linesOf("egress")).anyMatch(line -> line.contains("GET") && line.contains("/note.txt"));
            assertThat(program.linesOf("supervise")).anyMatch(line -> line.contains("\"GET /note.txt HTTP/1.1\" 200"));
            assertThat(program.errors()).isEmpty();
        }
    }

    @Test
    void aRepositoryIsClonedFromASupervisedGitDaemon() throws Exception {
        // Given
        assumeTrue(RealGuards.GIT.isPresent(), NO_GIT);
        try (Program program = guards.start()) {

            // When
            String note = guards.cloned("clone");
            program.signal("TERM");

            // Then
            assertThat(note).isEqualTo("from the repository");
            assertThat(program.exitCodeWithin(GRACE)).isZero();
            assertThat(program.linesOf("git-gate"))
                    .anyMatch(line -> line.endsWith("Request upload-pack for '/notes.git'"));
            assertThat(program.ownLines()).contains("git-gate exited with code 143 (SIGTERM)");
        }
    }

    @Test
    void aKilledEgressIsReportedWhileTheOtherGuardsServe() throws Exception {
        // Given
        try (Program program = guards.start()) {
            guards.get("/note.txt");

            // When
            kill(program, "egress");

            // Then
            program.awaitLine("sidecar-init: egress exited with code 137 (SIGKILL); leaving surviving daemons running"
                    + " (operator-visible via agent-side failure)");
            assertReportedDead(program, "egress");
            assertThatIOException().isThrownBy(() -> guards.get("/note.txt"));
            assertThat(guards.getDirectly("/note.txt").body()).isEqualTo("from the origin");
            assumingThat(
                    RealGuards.GIT.isPresent(),
                    () -> assertThat(guards.cloned("clone")).isEqualTo("from the repository"));

            // When
            program.signal("TERM");

            // Then
            assertThat(program.exitCodeWithin(GRACE)).isEqualTo(137);
            assertThat(program.ownLines())
                    .noneMatch(line -> line.contains("SIGKILL on"))
                    .endsWith("exit 137");
        }
    }

    @Test
    void nothingGetsOutOnceTheLastGuardOnTheWayIsDead() throws Exception {
        // Given
        assumeTrue(RealGuards.PIPELOCK.isPresent(), NO_PIPELOCK);
        try (Program program = guards.start()) {

            // When
            kill(program, "pipelock");

            // Then
            program.awaitThat("the check is DOWN", () -> program.http.health("ready") == 503);
            assertReportedDead(program, "pipelock");
            assertThat(guards.get("/past-the-dead").statusCode()).isEqualTo(502);
            program.signal("TERM");
            assertThat(program.exitCodeWithin(GRACE)).isEqualTo(137);
            assertThat(program.linesOf("supervise")).noneMatch(line -> line.contains("/past-the-dead"));
        }
    }

    @Test
    void aSecretOnItsWayOutIsRefused() throws Exception {
        // Given
        assumeTrue(RealGuards.PIPELOCK.isPresent(), NO_PIPELOCK);
        try (Program program = guards.start()) {

            // When
            HttpResponse<String> inTheUrl = guards.get("/in-the-url?key=" + SECRET);
            HttpResponse<String> inTheBody = guards.post("/in-the-body", "key=" + SECRET);
            program.signal("TERM");

            // Then
            assertThat(inTheUrl.statusCode()).isEqualTo(403);
            assertThat(inTheBody.statusCode()).isEqualTo(403);
            assertThat(program.exitCodeWithin(GRACE)).isZero();
            assertThat(program.ownLines()).contains("pipelock exited with code 0");
            assertThat(program.linesOf("pipelock"))
                    .anyMatch(line -> line.contains("blocked") && line.contains("/in-the-url"))
                    .anyMatch(line -> line.contains("block") && line.contains("/in-the-body"));
            assertThat(program.linesOf("supervise")).noneMatch(line -> line.contains("/in-the-"));
        }
    }

    private static void assertReportedDead(Program program, String dead) {
        JsonPath status = program.http.status().setRootPath("daemons.find { it.name == '" + dead + "' }");
        assertThat(status.getString("state")).isEqualTo("exited");
        assertThat(status.<Object>get("pid")).isNull();
        assertThat(status.getInt("lastExit.code")).isEqualTo(137);
        assertThat(status.getString("lastExit.signal")).isEqualTo("SIGKILL");
        assertThat(status.getBoolean("gaps.open")).isTrue();
        assertThat(program.http.health("ready")).isEqualTo(503);
        JsonPath checks = program.http.json("/q/health/ready");
        for (String name : RealGuards.names()) {
            assertThat(checks.getString("checks.find { it.name == '" + name + "' }.status"))
                    .as(name)
                    .isEqualTo(name.equals(dead) ? "DOWN" : "UP");
        }
        assertThat(checks.getString("checks.find { it.name == '" + dead + "' }.data.lastExit"))
                .isEqualTo("137 (SIGKILL)");
    }

    /** @param guard its pid in /status is that inside the namespace */
    private static void kill(Program program, String guard) {
        Integer pid = program.http.daemon(guard, "pid");
        Optional<LinuxProcess> process = program.proc().descendants().stream()
                .filter(candidate -> candidate.read("status").contains("\t" + pid + "\nNSpgid:"))
                .findFirst();
        LinuxProcess.signal("KILL", process.orElseThrow().pid());
    }

    private static void printUnless(boolean present, String otherwise) {
        if (!present) {
            System.out.println("RealDaemonsIT: " + otherwise);
        }
    }
}
