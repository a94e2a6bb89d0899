package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code /q/health} and its parts. */
@NeedsNamespaces
class HealthIT {

    private static final List<String> ALL = List.of("live", "ready", "started");

    @Test
    void whileAllDaemonsRunEveryCheckIsUp() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitThat("http", program.http::answers);
            JsonPath all = program.http.json("/q/health");

            // Then
            assertThat(ALL)
                    .allSatisfy(check -> assertThat(program.http.health(check)).isEqualTo(200));
            assertThat(all.getString("status")).isEqualTo("UP");
            assertThat(all.getList("checks.name"))
                    .containsExactlyInAnyOrder("supervisor", "bundle", "egress", "pipelock");
            assertThat(all.getList("checks.status")).containsOnly("UP");
        }
    }

    @Test
    void aDeathTurnsReadinessDownAndLeavesLivenessAndStartedUp() throws Exception {
        // Given
        BundleText bundle =
                bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT).daemon("git-gate", "kill -KILL $$");

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitUp("egress", "pipelock");
            program.awaitThat("http", program.http::answers);
            LinuxProcess.signal("KILL", program.proc().children().getFirst());
            program.awaitThat(
                    "two deaths",
                    () -> program.http
                                    .json("/q/health/ready")
                                    .getList("checks.findAll { it.status == 'DOWN' }")
                                    .size()
                            == 2);
            JsonPath ready = program.http.json("/q/health/ready");

            // Then
            assertThat(program.http.health("ready")).isEqualTo(503);
            assertThat(program.http.health("live")).isEqualTo(200);
            assertThat(program.http.health("started")).isEqualTo(200);
            assertThat(program.http.get("/q/health").statusCode()).isEqualTo(503);
            assertThat(ready.getString("status")).isEqualTo("DOWN");
            assertThat(ready.getMap("checks.find { it.name == 'git-gate' }.data"))
                    .containsOnlyKeys("state", "restarts", "lastExit")
                    .containsEntry("state", "exited")
                    .containsEntry("restarts", 0)
                    .containsEntry("lastExit", "137 (SIGKILL)");
        }
    }

    @Test
    void aCheckHasStateRestartsAndPid() throws Exception {
        // Given
        try (Program program =
                ProgramBuilder.of(bundle().daemon("egress", OBEDIENT)).start()) {
            program.awaitThat("http", program.http::answers);

            // When
            JsonPath ready = program.http.json("/q/health/ready");

            // Then
            assertThat(ready.getMap("checks[0].data"))
                    .containsOnlyKeys("state", "restarts", "pid")
                    .containsEntry("state", "running")
                    .containsEntry("pid", program.http.daemon("egress", "pid"));
        }
    }

    @Test
    void aDaemonThatCouldNotBeStartedKeepsStartedDown() throws Exception {
        // Given
        BundleText bundle =
                bundle().command("egress", List.of("/no/such/program")).daemon("pipelock", OBEDIENT);

        // When
        try (Program program = ProgramBuilder.of(bundle).start()) {
            program.awaitThat("http", program.http::answers);
            JsonPath ready = program.http.json("/q/health/ready");

            // Then
            assertThat(program.http.health("started")).isEqualTo(503);
            assertThat(program.http.json("/q/health/started").getList("checks.name"))
                    .containsExactly("bundle");
            assertThat(ready.getString("checks.find { it.name == 'egress' }.data.lastExit"))
                    .isEqualTo("127");
        }
    }

    @Test
    void daemonsThatAreNotSelectedAppearNowhere() throws Exception {
        // Given
        BundleText bundle = bundle().daemon("egress", OBEDIENT).daemon("pipelock", OBEDIENT);

        // When
        try (Program program =
                ProgramBuilder.of(bundle).with("--daemons", "egress").start()) {
            program.awaitThat("http", program.http::answers);
            String all = program.http.get("/q/health").body()
                    + program.http.get("/status").body();

            // Then
            assertThat(all).contains("egress").doesNotContain("pipelock");
        }
    }
}
