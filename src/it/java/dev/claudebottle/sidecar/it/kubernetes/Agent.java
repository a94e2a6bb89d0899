package dev.claudebottle.sidecar.it.kubernetes;

import static dev.claudebottle.sidecar.it.kubernetes.Bottle.AGENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.restassured.path.json.JsonPath;

/** What the agent's pod says of its start. */
final class Agent {

    private Agent() {}

    static boolean hasStarted(Bottle bottle) {
        JsonPath pod = bottle.pod(AGENT);
        return pod.getString("status.containerStatuses[0].state.running") != null
                || pod.getString("status.containerStatuses[0].lastState.terminated") != null;
    }

    /** Returns once the init container has refused to go on twice, so that the kubelet's next try also has been refused. */
    static void awaitRefusal(Bottle bottle) {
        bottle.await("await-guard refuses to go on", () -> {
            assertThat(hasStarted(bottle)).as("the agent has started").isFalse();
            JsonPath pod = bottle.pod(AGENT);
            return pod.getString("status.initContainerStatuses[0].lastState.terminated") != null
                    && pod.getInt("status.initContainerStatuses[0].restartCount") >= 1;
        });
    }

    /** What the pod's status says of why. */
    static String refusal(Bottle bottle) {
        return bottle.pod(AGENT).getString("status.initContainerStatuses[0].lastState.terminated.message");
    }
}
