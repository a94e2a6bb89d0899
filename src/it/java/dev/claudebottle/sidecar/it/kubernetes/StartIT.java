package dev.claudebottle.sidecar.it.kubernetes;

import static dev.claudebottle.sidecar.it.kubernetes.Bottle.AGENT;
import static dev.claudebottle.sidecar.it.kubernetes.Bottle.GUARD;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** When the agent may start. */
@NeedsCluster(NeedsCluster.Kind.NODE)
class StartIT {

    private static final String WITHOUT_IMAGE = """
            patches:
              - patch: |
                  apiVersion: apps/v1
                  kind: StatefulSet
                  metadata: {name: bottle-guard}
                  spec: {template: {spec: {containers: [{name: guard, image: "missing:1"}]}}}
            """;

    @Test
    void theAgentStartsOnlyWhenItsGuardsAreReady() {
        try (Bottle bottle = Bottle.prepare("start", "baseline")) {
            // Given: guards that can't start
            bottle.apply(List.of(), WITHOUT_IMAGE);
            bottle.await(
                    "await-guard waits",
                    () -> bottle.pod(AGENT).getString("status.initContainerStatuses[0].state.running.startedAt")
                            != null);
            bottle.await(
                    "the guards' image is missing",
                    () -> "ImagePullBackOff"
                            .equals(bottle.pod(GUARD).getString("status.containerStatuses[0].state.waiting.reason")));
            assertThat(Agent.hasStarted(bottle)).isFalse();
            String agent = bottle.uid(AGENT);

            // When
            bottle.apply(List.of(), "");

            // Then
            bottle.awaitReady();
            assertThat(bottle.uid(AGENT)).isEqualTo(agent);
            assertThat(startOf(bottle, AGENT)).isGreaterThanOrEqualTo(startOf(bottle, GUARD));
        }
    }

    @Test
    void theAgentDoesNotStartWhileAnotherPolicyOpensItsPod() {
        try (Bottle bottle = Bottle.prepare("opened", "baseline")) {
            // Given: policies add up
            String policy = """
                    apiVersion: networking.k8s.io/v1
                    kind: NetworkPolicy
                    metadata: {name: internet}
                    spec:
                      podSelector: {}
                      policyTypes: [Egress]
                      egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]
                    """;
            bottle.kubectl().apply(policy).succeeded();

            // When
            bottle.apply(List.of(), "");

            // Then
            Agent.awaitRefusal(bottle);
            assertThat(Agent.refusal(bottle)).contains("1.1.1.1:443");

            // When
            bottle.kubectl().run("delete", "networkpolicy", "internet").succeeded();

            // Then
            bottle.awaitReady();
        }
    }

    private static String startOf(Bottle bottle, String pod) {
        return bottle.pod(pod).getString("status.containerStatuses[0].state.running.startedAt");
    }
}
