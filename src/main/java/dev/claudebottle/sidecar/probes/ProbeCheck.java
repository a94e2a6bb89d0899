package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.os.Children;
import java.util.Optional;

/** What a probe asks. */
interface ProbeCheck {

    /**
     * Waits for the answer, on a virtual thread. Knows no timeout: whoever asks interrupts it, and it ends soon then.
     *
     * @return why it failed, in a few words; empty: it passed
     * @throws Exception a failure too
     */
    Optional<String> check() throws Exception;

    static ProbeCheck of(Probe.Target target, Daemon daemon, Children children) {
        return switch (target) {
            case Probe.Target.Tcp tcp -> new TcpCheck(tcp);
            case Probe.Target.Http http -> new HttpCheck(http);
            case Probe.Target.Exec exec -> new ExecCheck(children, daemon, exec);
        };
    }
}
