package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.os.OomKills;
import java.util.OptionalLong;

/** Tells a SIGKILL by the kernel's out-of-memory killer from others, by the cgroup's counter. */
final class OomDetector {

    private OptionalLong count = OptionalLong.empty();

    /** Reads the counter for the first time; until then nothing can be known. */
    void start() {
        count = OomKills.count();
    }

    /** Whether the out-of-memory killer ended the process; null when that can't be known. */
    Boolean wasKilled(ExitStatus status, boolean killedByUs) {
        if (count.isEmpty()) {
            return null;
        }
        boolean sigkill =
                status instanceof ExitStatus.Killed killed && killed.signal().equals(Signal.KILL);
        if (!sigkill || killedByUs) {
            return false;
        }
        OptionalLong before = count;
        count = OomKills.count();
        return count.orElse(0) > before.getAsLong();
    }
}
