package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Daemon;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a daemon inherits when we were started in an unusual environment. */
@ForkedJvm(startedBy = {"/bin/sh", "-c", InheritanceTest.ODD_START, "sh"})
class InheritanceTest {

    /** Ignored signals, open descriptors, an unusual umask, limits and directory, no LANG. */
    static final String ODD_START = "trap '' HUP INT QUIT USR1 USR2 PIPE ALRM TERM CHLD TSTP TTIN TTOU URG XCPU WINCH;"
            + " exec 5</dev/null 7</dev/null 9</dev/null; umask 027; ulimit -S -n 4321; ulimit -S -c 0; cd /usr;"
            + " exec env -i PATH=/usr/bin:/bin \"GREETING=$(printf 'gr\\303\\274\\303\\237 dich')\" EMPTY="
            + " \"NOT_UTF8=$(printf '\\377\\200')\" \"$@\"";

    private final ChildrenFixture fixture = ChildrenFixture.shared();

    @Test
    void aDaemonLeadsItsOwnSessionAndGroup() throws Exception {
        // When
        ChildrenFixture.Ended ended = fixture.run("cut -d' ' -f5,6 /proc/$$/stat");

        // Then
        assertThat(ended.text()).isEqualTo(ended.pid() + " " + ended.pid());
    }

    @Test
    void aDaemonBlocksIgnoresAndCatchesNoSignal() throws Exception {
        // When
        List<String> masks = fixture.run(Daemon.of("guard", "cat", "/proc/self/status")).lines().stream()
                .filter(line -> line.matches("Sig[BIC].*"))
                .toList();

        // Then
        assertThat(masks)
                .containsExactly("SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", "SigCgt:\t0000000000000000");
    }

    @Test
    void aDaemonHasTheDescriptors0To2AndNoOthers() throws Exception {
        // When: ls, because a glob of the shell opens one more descriptor, and no pipeline, because the shell would
        // hold its ends
        List<String> descriptors = fixture.run("ls -l /proc/$$/fd; :").lines().stream()
                .filter(line -> line.contains(" -> "))
                .map(line -> line.replaceFirst(".* (?=[0-9]+ -> )", ""))
                .toList();

        // Then
        assertThat(descriptors).hasSize(3);
        assertThat(descriptors.get(0)).isEqualTo("0 -> /dev/null");
        assertThat(descriptors.get(1)).startsWith("1 -> pipe:");
        assertThat(descriptors.get(2)).isEqualTo(descriptors.get(1).replace("1 ->", "2 ->"));
    }

    @Test
    void stdoutAndStderrAreOneStreamInTheOrderOfWriting() throws Exception {
        // When
        ChildrenFixture.Ended ended = fixture.run("for i in 1 2 3 4 5; do echo out$i; echo err$i >&2; done");

        // Then
        assertThat(ended.lines())
                .containsExactly("out1", "err1", "out2", "err2", "out3", "err3", "out4", "err4", "out5", "err5");
    }

    @Test
    void umaskLimitsAndWorkingDirectoryAreInherited() throws Exception {
        // When
        List<String> got =
                fixture.run("umask; ulimit -S -n; ulimit -S -c; pwd -P").lines();

        // Then
        assertThat(got).containsExactly("0027", "4321", "0", "/usr");
    }

    @Test
    void withoutLangTheEnvironmentIsInheritedByteForByte() throws Exception {
        // When
        ChildrenFixture.Ended ended = fixture.run(Daemon.of("guard", "cat", "/proc/self/environ"));

        // Then
        assertThat(ended.bytes().split("\0"))
                .containsExactly(
                        "PATH=/usr/bin:/bin",
                        "GREETING=gr\u00c3\u00bc\u00c3\u009f dich",
                        "EMPTY=",
                        "NOT_UTF8=\u00ff\u0080");
    }

    @Test
    void configuredStringsArePassedAsUtf8EvenWithoutLang() throws Exception {
        // Given
        Map<String, String> environment = Map.of("NAME", "\u732b \ud83d\ude3a");
        Daemon daemon = ChildrenFixture.daemon(
                Optional.empty(), Optional.empty(), environment, "/bin/sh", "-c", "echo \"$NAME $1\"", "sh", "\u00e4");

        // When
        ChildrenFixture.Ended ended = fixture.run(daemon);

        // Then
        assertThat(ended.text()).isEqualTo("\u732b \ud83d\ude3a \u00e4");
    }
}
