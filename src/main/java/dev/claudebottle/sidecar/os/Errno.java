package dev.claudebottle.sidecar.os;

import java.util.List;

/** Error numbers of system calls (errno(3)). */
public final class Errno {

    /** EAGAIN of fork(2), ENOMEM, ENFILE, EMFILE and ENOBUFS. */
    private static final List<Integer> SHORTAGES = List.of(11, 12, 23, 24, 105);

    private Errno() {}

    /** Whether these words of strerror(3) say that the machine, or a limit of ours, has no more of something. */
    public static boolean isShortage(String message) {
        return SHORTAGES.stream().anyMatch(errno -> message.contains(Libc.message(errno)));
    }
}
