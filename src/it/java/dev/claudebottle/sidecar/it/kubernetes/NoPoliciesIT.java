package dev.claudebottle.sidecar.it.kubernetes;

import static dev.claudebottle.sidecar.it.kubernetes.Bottle.GUARD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A cluster that accepts NetworkPolicies and enforces none. */
@NeedsCluster(NeedsCluster.Kind.NODE_WITHOUT_POLICIES)
class NoPoliciesIT {

    @Test
    void theAgentNeverStartsAndItsPodSaysWhy() {
        try (Bottle bottle = Bottle.prepare("no-policies", "baseline")) {
            // When
            bottle.apply(List.of(), "");

            // Then
            bottle.await("the guards are ready", () -> bottle.isReady(GUARD));
            Agent.awaitRefusal(bottle);
            assertThat(Agent.refusal(bottle)).contains("1.1.1.1:443", ":9181", "10.96.0.1:443");
            assertThat(Agent.hasStarted(bottle)).isFalse();
        }
    }
}
