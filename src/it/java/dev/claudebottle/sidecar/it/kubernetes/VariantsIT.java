package dev.claudebottle.sidecar.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.it.Command;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The components of the base, in pods. */
@NeedsCluster(NeedsCluster.Kind.NODE)
class VariantsIT {

    private static final String PUSH = """
            cd "$(mktemp -d)"
            git init --quiet --initial-branch main .
            git config user.email agent@example.com
            git config user.name agent
            echo content >file
            git add file
            git commit --quiet --message 'a file'
            git push --quiet "git://$GUARD_HOST:9418/repo.git" main
            git clone --quiet "git://$GUARD_HOST:9418/repo.git" clone
            cat clone/file
            """;

    private static final String KEY = "/secrets/egress/credentials/anthropic";

    @TempDir
    private static Path scratch;

    @Test
    void withoutRootTheBottleRunsInANamespaceThatEnforcesTheProfileRestricted() {
        try (Bottle bottle = Bottle.prepare("restricted", "restricted")) {
            // When
            bottle.apply(List.of("restricted"), "");

            // Then
            bottle.awaitReady();
            assertThat(bottle.inGuard("sh", "-c", "cat /proc/[0-9]*/status").output())
                    .doesNotContainPattern("Uid:\\s0\\s")
                    .doesNotContainPattern("CapEff:\\s0*[1-9a-f]");
            assertThat(bottle.inAgent("sh", "-euc", PUSH).succeeded().output()).isEqualTo("content\n");
            assertThat(bottle.statusOf("https://refused.example/")).isEqualTo(403);
        }
    }

    @Test
    void egressIssuesWithTheCaThatItIsGivenWhoseKeyNoOtherGuardReads() {
        try (Bottle bottle = Bottle.prepare("given-ca", "baseline")) {
            // When
            String certificate = give(bottle);
            bottle.apply(List.of("given-ca"), "");

            // Then: curl, which trusts this CA alone, is content
            bottle.awaitReady();
            assertThat(bottle.ca()).contains(certificate);
            bottle.as("mitmproxy", "cat", "/secrets/egress/tls.key").succeeded();
            for (String other : List.of("pipelock", "git-gate", "supervise")) {
                bottle.as(other, "cat", "/secrets/egress/tls.key").failed();
            }
        }
    }

    @Test
    void withoutRootEgressIssuesWithTheCaThatItIsGiven() {
        try (Bottle bottle = Bottle.prepare("restricted-given-ca", "restricted")) {
            // When
            String certificate = give(bottle);
            bottle.apply(List.of("restricted", "given-ca"), "");

            // Then
            bottle.awaitReady();
            assertThat(bottle.ca()).contains(certificate);
        }
    }

    @Test
    void theSecretWithCredentialsIsReadByEgressAloneAndFollowsARotation() {
        try (Bottle bottle = Bottle.prepare("credentials", "baseline")) {
            // When: beside the CA, which is copied into the directory around the credentials
            give(bottle);
            credentials(bottle, "create", "the first key");
            bottle.apply(List.of("given-ca", "credentials"), "");

            // Then
            bottle.awaitReady();
            assertThat(key(bottle)).isEqualTo("the first key");
            assertEgressHasTheCredential(bottle);
            for (String other : List.of("root", "pipelock", "git-gate", "supervise")) {
                assertThat(bottle.as(other, "cat", KEY).failed().output()).contains("Permission denied");
            }
            bottle.as("mitmproxy", "sh", "-c", "echo other >" + KEY).failed();

            // When
            String guard = bottle.lives(Bottle.GUARD);
            credentials(bottle, "replace", "the second key");

            // Then
            bottle.await("the new key is there", () -> key(bottle).equals("the second key"));
            assertThat(bottle.lives(Bottle.GUARD)).isEqualTo(guard);
        }
    }

    @Test
    void withoutRootTheSecretWithCredentialsIsReadAndFollowsARotation() {
        try (Bottle bottle = Bottle.prepare("restricted-credentials", "restricted")) {
            // When: no other Secret
            credentials(bottle, "create", "the first key");
            bottle.apply(List.of("restricted", "credentials"), "");

            // Then
            bottle.awaitReady();
            assertThat(bottle.inGuard("cat", KEY).succeeded().output()).isEqualTo("the first key");
            assertEgressHasTheCredential(bottle);

            // When
            credentials(bottle, "replace", "the second key");

            // Then
            bottle.await(
                    "the new key is there",
                    () -> bottle.inGuard("cat", KEY).succeeded().output().equals("the second key"));
        }
    }

    /** Makes or replaces the Secret whose key is the file {@link #KEY}, as docs/kubernetes.md says. */
    private static void credentials(Bottle bottle, String verb, String key) {
        String secret = bottle.kubectl()
                .run(
                        "create",
                        "secret",
                        "generic",
                        "bottle-credentials",
                        "--from-literal=anthropic=" + key,
                        "--dry-run=client",
                        "--output=yaml")
                .succeeded()
                .output();
        bottle.kubectl().run(secret, new String[] {verb, "--filename", "-"}).succeeded();
    }

    private static void assertEgressHasTheCredential(Bottle bottle) {
        assertThat(bottle.inGuard("curl", "--silent", "http://127.0.0.1:9180/q/metrics")
                        .succeeded()
                        .output())
                .contains("sidecar_credential_available{host=\"api.anthropic.com\",} 1");
    }

    private static String key(Bottle bottle) {
        return bottle.as("mitmproxy", "cat", KEY).succeeded().output();
    }

    /** Makes the Secret with a CA, and returns its certificate. */
    private static String give(Bottle bottle) {
        String certificate = makeCa();
        bottle.kubectl()
                .run(
                        "create",
                        "secret",
                        "tls",
                        "bottle-ca",
                        "--cert=" + scratch + "/tls.crt",
                        "--key=" + scratch + "/tls.key")
                .succeeded();
        return certificate;
    }

    private static String makeCa() {
        Command.run(
                        Map.of(),
                        "",
                        List.of(
                                "openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:prime256v1",
                                "-nodes",
                                "-days",
                                "2",
                                "-subj",
                                "/CN=Bottle of the tests",
                                "-addext",
                                "keyUsage=critical,keyCertSign,cRLSign",
                                "-keyout",
                                scratch + "/tls.key",
                                "-out",
                                scratch + "/tls.crt"))
                .succeeded();
        return Sources.read(scratch.resolve("tls.crt")).strip();
    }
}
