package dev.claudebottle.sidecar.os;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Which process the kernel kills when memory runs out (proc_pid_oom_score_adj(5)). */
public final class OomVictim {

    private OomVictim() {}

    /** Makes us the first one: a command that an operator runs in the bundle's container must not cost the bundle a guard. */
    public static void becomeFirst() {
        try (OutputStream score = new FileOutputStream("/proc/self/oom_score_adj")) {
            score.write("1000".getBytes());
        } catch (IOException notHere) {
            // raising it needs no right; without /proc it stays as it is
        }
    }
}
