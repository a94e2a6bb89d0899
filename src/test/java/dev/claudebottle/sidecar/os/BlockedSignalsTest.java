package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Signals that were blocked before java was started, as the launcher and the image do. */
@ForkedJvm(
        startedBy = {
            "/bin/sh",
            "-c",
            "java=$1; shift; exec env --block-signal=TERM,INT,HUP,CHLD"
                    + " --block-signal=QUIT,USR1,ALRM,STKFLT,XCPU,VTALRM,PROF,WINCH,IO,PWR,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,63,64 \"$java\" -Xrs \"$@\"",
            "sh"
        })
class BlockedSignalsTest {

    @Test
    void termIntAndHupAreHandled() throws Exception {
        SentSignals.shared().assertHandled();
    }

    @Test
    void everyOtherSignalThatCouldEndUsIsIgnoredAndReportedIfNobodyElseNeedsIt() throws Exception {
        SentSignals.shared().assertIgnored(SentSignals.REPORTED);
    }

    @Test
    void exitStatusesArrive() throws Exception {
        assertThat(ChildrenFixture.shared().run("exit 5").status()).isEqualTo(new ExitStatus.Code(5));
    }

    @Test
    void daemonsGetAnEmptyMask() throws Exception {
        assertThat(ChildrenFixture.shared().run("grep SigBlk /proc/self/status").text())
                .contains("0000000000000000");
    }

    @Test
    void aSignalThatCameEarlierIsReadAtOnce() {
        // Given: USR2, of which the shared reader knows nothing, and which is ignored
        SentSignals.shared();
        Signal signal = new Signal(12);
        List<Signal> read = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment set = arena.allocate(128, 8);
            set.set(JAVA_LONG, 0, 1L << signal.number() - 1);
            Libc.call(Libc.function("pthread_sigmask"), 0, set.address(), 0);

            // When
            Libc.callInt(Libc.function("raise"), signal.number());
            new SignalReader(List.of(signal), read::add).readPending();

            // Then
            assertThat(read).containsExactly(signal);
            assertThat(SignalReader.blockedOf(List.of(signal))).containsExactly(signal);
            SignalReader.unblock(List.of(signal));
            assertThat(SignalReader.blockedOf(List.of(signal))).isEmpty();
        }
    }
}
