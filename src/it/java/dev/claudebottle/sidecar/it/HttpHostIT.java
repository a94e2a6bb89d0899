package dev.claudebottle.sidecar.it;

import static dev.claudebottle.sidecar.it.BundleText.OBEDIENT;
import static dev.claudebottle.sidecar.it.BundleText.bundle;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code QUARKUS_HTTP_HOST} names one address, and only clients in its network reach it. */
@NeedsNamespaces
class HttpHostIT {

    @TempDir
    private Path directory;

    @Test
    void aNameIsBoundToItsAddressAlone() throws Exception {
        // When
        try (Program program = start("127.0.0.9 status.test", "status.test")) {
            program.awaitThat(
                    "a server", () -> !program.proc().listeningAddresses().isEmpty());

            // Then
            assertThat(program.proc().listeningAddresses())
                    .containsAnyOf("0900007F", "0000000000000000FFFF00000900007F")
                    .hasSize(1);
            // it is answered to, as its address is, and no other name
            assertThat(statusLine(program, "status.test")).isEqualTo("HTTP/1.1 200 OK");
            assertThat(statusLine(program, "127.0.0.9")).isEqualTo("HTTP/1.1 200 OK");
            assertThat(statusLine(program, "other.test")).isEqualTo("HTTP/1.1 421 Misdirected Request");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no-such-host.invalid | Unknown host",
                "many.test | the name has the addresses 127.0.0.8, 127.0.0.9; expected a name with one",
                "any.test | the name means all addresses",
                "elsewhere.test | Cannot assign requested address"
            })
    void aNameThatIsNotOneAddressOfOursIsOneLogLineAndTheGuardsStayUp(String host, String cause) throws Exception {
        // When
        try (Program program =
                start("127.0.0.8 many.test\n127.0.0.9 many.test\n0.0.0.0 any.test\n192.0.2.1 elsewhere.test", host)) {
            program.awaitUp("egress");
            program.awaitLine("sidecar-init: cannot serve HTTP on " + host + ":" + program.http.port() + ": " + cause
                    + "; the guards stay up");

            // Then
            assertThat(program.proc().listeningAddresses()).isEmpty();
            assertThat(program.stop()).isZero();
            assertThat(program.ownLines()).hasSize(5);
        }
    }

    @Test
    void aClientInAnotherNetworkOfTheContainerIsNotAnswered() throws Exception {
        // Given: two networks, between which the kernel makes no difference
        ProgramBuilder builder = ProgramBuilder.of(bundle().daemon("egress", OBEDIENT))
                .env("QUARKUS_HTTP_HOST", "10.2.0.1")
                .setup(
                        "set -- unshare --net sh -euc 'ip link set lo up; ip link add inside type veth peer name outside;"
                                + " ip address add 10.1.0.1/24 dev inside; ip address add 10.2.0.1/24 dev outside;"
                                + " ip link set inside up; ip link set outside up; exec \"$@\"' sh \"$@\"");

        // When
        try (Program program = builder.start()) {
            program.awaitThat("an answer in its own network", () -> curl(program, "10.2.0.1") == 0);

            // Then
            assertThat(curl(program, "10.1.0.1")).isNotZero();
        }
    }

    private Program start(String hosts, String host) throws IOException {
        Path file = Files.writeString(directory.resolve("hosts"), hosts + "\n");
        return ProgramBuilder.of(bundle().daemon("egress", OBEDIENT))
                .env("QUARKUS_HTTP_HOST", host)
                .setup("mount --bind " + file + " /etc/hosts")
                .start();
    }

    private static String statusLine(Program program, String host) throws IOException {
        try (RawClient client = new RawClient("127.0.0.9", program.http.port())) {
            return client.statusLine("/status", host);
        }
    }

    private static int curl(Program program, String from) {
        return LinuxProcess.shell("nsenter --net --target " + program.proc().pid()
                + " curl --silent --output /dev/null --noproxy '*' --max-time 5 --interface " + from
                + " http://10.2.0.1:" + program.http.port() + "/status");
    }
}
