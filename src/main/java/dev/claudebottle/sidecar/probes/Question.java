package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.os.Children;
import java.util.Optional;

/** What a probe asks. */
interface Question {

    /**
     * Waits for the answer, on a virtual thread. Knows no timeout: whoever asks interrupts it, and it ends soon then.
     *
     * @return why it failed, in a few words; empty: it passed
     * @throws Exception a failure too
     */
    Optional<String> ask() throws Exception;

    static Question of(Probe.Target target, Daemon daemon, Children children) {
        return switch (target) {
            case Probe.Target.Tcp tcp -> new TcpQuestion(tcp);
            case Probe.Target.Http http -> new HttpQuestion(http);
            case Probe.Target.Exec exec -> new ExecQuestion(children, daemon, exec);
        };
    }
}
