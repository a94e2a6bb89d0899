package dev.claudebottle.sidecar.os;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Who we are, and whether we may start a daemon as somebody else (credentials(7)).
 *
 * @param uids real and effective uid
 * @param gids real and effective gid
 * @param groups the supplementary groups
 * @param maySetUid whether we have the capability SETUID
 * @param maySetGid whether we have the capability SETGID
 * @param maySetGroups false where a user namespace forbids setgroups(2)
 */
record Credentials(
        Set<Integer> uids,
        Set<Integer> gids,
        Set<Integer> groups,
        boolean maySetUid,
        boolean maySetGid,
        boolean maySetGroups) {

    private static final int ROOT = 0;

    /** Bits of a capability set (linux/capability.h). */
    private static final long CAP_SETGID = 1 << 6;

    private static final long CAP_SETUID = 1 << 7;

    static Credentials ours() throws IOException {
        return parse(read("/proc/self/status"), !read("/proc/self/setgroups").startsWith("deny"));
    }

    /** @param status of proc_pid_status(5) */
    static Credentials parse(String status, boolean maySetGroups) {
        long capabilities = Long.parseUnsignedLong(field(status, "\nCapEff:"), 16);
        return new Credentials(
                numbers(field(status, "\nUid:"), 2),
                numbers(field(status, "\nGid:"), 2),
                numbers(field(status, "\nGroups:"), Integer.MAX_VALUE),
                (capabilities & CAP_SETUID) != 0,
                (capabilities & CAP_SETGID) != 0,
                maySetGroups);
    }

    /** Whether what we start runs as this user anyway, as far as that can be: groups that we can't change stay ours. */
    boolean are(User user) {
        boolean sameIds = uids.equals(Set.of(user.uid())) && gids.equals(Set.of(user.gid()));
        return sameIds
                && (!(maySetGid && maySetGroups) || all(groups, user.gid()).equals(all(user.groups(), user.gid())));
    }

    /** @throws CannotStartException when we may not start a daemon as this user */
    void checkMayBecome(User user, String name) throws CannotStartException {
        String cause = null;
        if (!uids.contains(ROOT)) {
            cause = "only root can run it as another user";
        } else if (!maySetUid && !uids.equals(Set.of(user.uid()))) {
            cause = "we lack the capability SETUID";
        } else if (!maySetGid) {
            cause = "we lack the capability SETGID";
        } else if (!maySetGroups) {
            cause = "our user namespace forbids setgroups";
        }
        if (cause != null) {
            throw new CannotStartException(CannotStartException.CANNOT_EXECUTE, "user " + name, cause);
        }
    }

    /** The kernel and getgrouplist(3) may list the gid among the groups, or not. */
    private static Set<Integer> all(Iterable<Integer> groups, int gid) {
        Set<Integer> all = new HashSet<>(Set.of(gid));
        groups.forEach(all::add);
        return all;
    }

    private static String field(String status, String name) {
        int start = status.indexOf(name) + name.length();
        return status.substring(start, status.indexOf('\n', start)).strip();
    }

    /** The first numbers of a list, of which each has one character before the next. No regular expression: this is on the way to a daemon. */
    private static Set<Integer> numbers(String list, int count) {
        Set<Integer> numbers = new HashSet<>();
        int start = 0;
        for (int i = 0; i < count && start < list.length(); i++) {
            int end = start;
            while (end < list.length() && Character.isDigit(list.charAt(end))) {
                end++;
            }
            numbers.add(Integer.parseUnsignedInt(list, start, end, 10));
            start = end + 1;
        }
        return numbers;
    }

    private static String read(String path) throws IOException {
        try (InputStream file = new FileInputStream(path)) {
            return new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
