package dev.claudebottle.sidecar.it.kubernetes;

import dev.claudebottle.sidecar.it.Command;
import dev.claudebottle.sidecar.it.Command.Result;
import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** kubectl in a namespace of the tests' cluster. */
record Kubectl(String namespace) {

    Result run(String... arguments) {
        return run("", arguments);
    }

    /** @param input the text that it reads from stdin */
    Result run(String input, String[] arguments) {
        return Command.run(
                Map.of(),
                input,
                Stream.concat(Stream.of("kubectl", "--namespace", namespace), Stream.of(arguments))
                        .toList());
    }

    Result apply(String manifests, String... arguments) {
        return run(
                manifests,
                Stream.concat(
                                Stream.of("apply", "--server-side", "--force-conflicts", "--filename", "-"),
                                Stream.of(arguments))
                        .toArray(String[]::new));
    }

    Result exec(String pod, String... command) {
        return run(Stream.concat(Stream.of("exec", "--quiet", pod, "--"), Stream.of(command))
                .toArray(String[]::new));
    }

    /** Runs a program of Python in the pod. */
    Result python(String pod, String program, String... arguments) {
        return run(
                program,
                Stream.concat(
                                Stream.of("exec", "--quiet", "--stdin", pod, "--", "python3", "-B", "-"),
                                Stream.of(arguments))
                        .toArray(String[]::new));
    }

    /** The object, without keys if there is none. */
    JsonPath get(String kind, String name) {
        String json = run("get", "--ignore-not-found", "--output", "json", kind, name)
                .succeeded()
                .output();
        return new JsonPath(json.isBlank() ? "{}" : json);
    }

    String logs(String pod, String container) {
        return run("logs", pod, "--container", container).output();
    }

    /** Makes the namespace, which enforces this profile of PodSecurity. */
    Kubectl create(String profile) {
        new Kubectl("default").apply("""
                        apiVersion: v1
                        kind: Namespace
                        metadata:
                          name: %s
                          labels: {pod-security.kubernetes.io/enforce: %s}
                        """.formatted(namespace, profile)).succeeded();
        return this;
    }

    /** Starts a pod of the image that does nothing, in whose containers no policy of a bottle holds. */
    void startPod(String name) {
        apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  automountServiceAccountToken: false
                  terminationGracePeriodSeconds: 0
                  securityContext: {runAsNonRoot: true, runAsUser: 65534, seccompProfile: {type: RuntimeDefault}}
                  containers:
                    - name: pod
                      image: sidecars
                      imagePullPolicy: Never
                      command: [sleep, infinity]
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                """.formatted(name)).succeeded();
        run("wait", "--for=condition=Ready", "pod/" + name, "--timeout=180s").succeeded();
    }

    /** Those of the targets that answer the pod, as {@code reach.py} names them. */
    List<String> reached(String pod, List<String> targets) {
        return python(pod, Sources.read("reach.py"), targets.toArray(String[]::new))
                .succeeded()
                .output()
                .lines()
                .toList();
    }
}
