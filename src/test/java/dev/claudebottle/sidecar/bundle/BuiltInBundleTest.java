package dev.claudebottle.sidecar.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class BuiltInBundleTest {

    private final Bundle bundle = BuiltInBundle.get();

    @Test
    void theFourGuardsStartInTheirOrder() {
        assertThat(bundle.daemons())
                .extracting(Daemon::name)
                .containsExactly("egress", "pipelock", "git-gate", "supervise");
    }

    @Test
    void theGuardsHaveTheirCommands() {
        assertThat(bundle.daemons())
                .extracting(Daemon::command)
                .containsExactly(
                        List.of("/bin/sh", "/app/egress-entrypoint.sh"),
                        List.of("/usr/local/bin/pipelock", "run", "--config", "/etc/pipelock.yaml"),
                        List.of("/bin/sh", "/git-gate-entrypoint.sh"),
                        List.of("python3", "/app/supervise_server.py"));
    }

    @Test
    void aDeathLeavesTheOthersRunningAndTheGraceIsEightSeconds() {
        assertThat(bundle.failurePolicy()).isEqualTo(FailurePolicy.LEAVE);
        assertThat(bundle.stopGracePeriod().text()).isEqualTo("8s");
        assertThat(bundle.logs().format()).isEqualTo(LogFormat.TEXT);
        assertThat(bundle.outputLines()).isEqualTo(20);
        assertThat(bundle.forwardHup()).isEmpty();
    }

    @Test
    void aDaemonHasItsCommandAndDefaults() {
        assertThat(bundle.daemons())
                .allSatisfy(d ->
                        assertThat(d).isEqualTo(Daemon.of(d.name(), d.command().toArray(String[]::new))));
    }
}
