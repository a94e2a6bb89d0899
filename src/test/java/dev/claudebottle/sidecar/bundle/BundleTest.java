package dev.claudebottle.sidecar.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BundleTest {

    private final Daemon daemon = Daemon.builder("a", "x")
            .stopGracePeriod(TimeSpan.of("5s"))
            .failurePolicy(FailurePolicy.RESTART)
            .build();

    private final Bundle bundle = Bundle.builder().daemons(List.of(daemon)).build();

    @Test
    void aDaemonsGraceIsItsOwn() {
        assertThat(bundle.stopGracePeriodOf(daemon)).isEqualTo(TimeSpan.of("5s"));
    }

    @Test
    void aDaemonsGraceIsAtMostTheBundles() {
        Bundle shorter = bundle.toBuilder().stopGracePeriod(TimeSpan.of("2s")).build();

        assertThat(shorter.stopGracePeriodOf(daemon)).isEqualTo(TimeSpan.of("2s"));
    }

    @Test
    void aDaemonWithNothingOfItsOwnHasTheBundlesGraceAndPolicy() {
        Daemon plain = Daemon.of("b", "x");

        assertThat(bundle.stopGracePeriodOf(plain)).isEqualTo(bundle.stopGracePeriod());
        assertThat(bundle.failurePolicyOf(plain)).isEqualTo(FailurePolicy.LEAVE);
        assertThat(bundle.failurePolicyOf(daemon)).isEqualTo(FailurePolicy.RESTART);
    }

    @Test
    void aDaemonsRestartRulesAreItsOwnOrTheBundles() {
        RestartPolicy rules = RestartPolicy.builder().crashLoopDeaths(2).build();
        Daemon own = daemon.toBuilder().restart(rules).build();

        assertThat(bundle.restartOf(own)).isEqualTo(rules);
        assertThat(bundle.restartOf(daemon)).isEqualTo(bundle.restart());
    }

    @Test
    void aCopyByItsBuilderIsEqual() {
        // Given nothing has its default
        Probe probe = Probe.builder().target(new Probe.Target.Tcp("h", 1)).build();
        Daemon full = daemon.toBuilder()
                .environment(Map.of("A", "b"))
                .inheritEnvironment(List.of("PATH"))
                .workingDir("/app")
                .user("me")
                .stopSignal(Signal.INT)
                .restart(RestartPolicy.builder().crashLoopDeaths(2).build())
                .dependsOn(List.of("b"))
                .readiness(probe)
                .liveness(probe)
                .build();
        Bundle all = Bundle.builder()
                .failurePolicy(FailurePolicy.TEARDOWN)
                .stopGracePeriod(TimeSpan.of("1s"))
                .restart(RestartPolicy.builder().crashLoopDeaths(1).build())
                .notifyUrls(List.of(URI.create("http://a/")))
                .outputLines(1)
                .logFormat(LogFormat.JSON)
                .maxLine(ByteSize.parse("16KiB").orElseThrow())
                .colour(Colour.STRIP)
                .forwardHup(List.of("a"))
                .daemons(List.of(full))
                .identity(new Identity(Optional.of("b"), Optional.of("n"), Optional.of("p")))
                .build();

        // Then
        assertThat(full.toBuilder().build()).isEqualTo(full).isNotEqualTo(daemon);
        assertThat(all.toBuilder().build()).isEqualTo(all);
    }

    @Test
    void withoutNotifyNothingElseChanges() {
        Bundle notifying =
                bundle.toBuilder().notifyUrls(List.of(URI.create("http://a/"))).build();

        assertThat(notifying.withoutNotify()).isEqualTo(bundle);
    }
}
