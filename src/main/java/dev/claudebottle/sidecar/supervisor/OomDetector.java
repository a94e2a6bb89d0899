package dev.claudebottle.sidecar.supervisor;

import dev.claudebottle.sidecar.bundle.Signal;
import dev.claudebottle.sidecar.lifecycle.ExitStatus;
import dev.claudebottle.sidecar.os.OomKills;
import java.util.OptionalLong;

/** Tells a SIGKILL of the kernel's out-of-memory killer from others: the cgroup's count has risen. */
final class OomDetector {

    private OptionalLong count = OptionalLong.empty();

    void begin() {
        count = OomKills.count();
    }

    /** Null where that can't be known. */
    Boolean wasKilled(ExitStatus status, boolean killedByUs) {
        if (count.isEmpty()) {
            return null;
        }
        boolean suspect =
                status instanceof ExitStatus.Killed killed && killed.signal().equals(Signal.KILL);
        if (!suspect || killedByUs) {
            return false;
        }
        OptionalLong before = count;
        count = OomKills.count();
        return count.orElse(0) > before.getAsLong();
    }
}
