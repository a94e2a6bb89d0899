package dev.claudebottle.sidecar.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The user that a daemon runs as. Looked up by libc, so that every source in nsswitch.conf(5) counts.
 *
 * @param groups the supplementary groups
 * @param variables HOME, USER and LOGNAME, as a login sets them; empty for a uid without an entry
 */
record User(int uid, int gid, List<Integer> groups, Map<String, String> variables) {

    /** Offsets in struct passwd (getpwnam(3)) where pointers have eight bytes. */
    private static final long PW_NAME = 0;

    private static final long PW_UID = 16;
    private static final long PW_GID = 20;
    private static final long PW_DIR = 32;
    private static final long PW_SIZE = 48;

    /** The kernel's limit, NGROUPS_MAX. */
    private static final int MAX_GROUPS = 65536;

    /** Absolute paths, because a bundle file can change the PATH. */
    private static final List<String> SETPRIV = List.of("/usr/bin/setpriv", "/bin/setpriv");

    /**
     * Finds a user. Synchronized, because getpwnam(3) returns static memory and probes look users up beside starts.
     *
     * @param name {@code name} or {@code uid[:gid]}
     */
    static synchronized User find(String name) throws CannotStartException {
        String[] parts = name.split(":", 2);
        boolean numeric = parts[0].chars().allMatch(Character::isDigit);
        if (!numeric && parts.length == 2) {
            throw unknown(name, "expected a name or uid[:gid]");
        }
        Optional<MemorySegment> entry = numeric ? byUid(number(name, parts[0])) : byName(parts[0]);
        Optional<Integer> gid = parts.length == 2 ? Optional.of(number(name, parts[1])) : Optional.empty();
        if (entry.isPresent()) {
            return of(entry.get(), gid);
        }
        if (!numeric) {
            throw unknown(name, "no such user");
        }
        int uid = number(name, parts[0]);
        return new User(uid, gid.orElse(uid), List.of(), Map.of());
    }

    /** The command that changes to this user and then executes {@code command}, by setpriv(1). */
    List<String> setprivCommand(String program, List<String> command) throws CannotStartException {
        List<String> wrapped = new ArrayList<>();
        wrapped.add(setpriv());
        wrapped.addAll(List.of("--reuid", Integer.toUnsignedString(uid), "--regid", Integer.toUnsignedString(gid)));
        wrapped.addAll(
                groups.isEmpty()
                        ? List.of("--clear-groups")
                        : List.of(
                                "--groups",
                                groups.stream().map(Integer::toUnsignedString).collect(Collectors.joining(","))));
        wrapped.addAll(List.of("--", program));
        wrapped.addAll(command.subList(1, command.size()));
        return wrapped;
    }

    private static String setpriv() throws CannotStartException {
        for (String path : SETPRIV) {
            if (new File(path).canExecute()) {
                return path;
            }
        }
        throw new CannotStartException(
                CannotStartException.CANNOT_EXECUTE, SETPRIV.getFirst(), "not found; it is part of util-linux");
    }

    private static User of(MemorySegment entry, Optional<Integer> givenGid) {
        String name = Libc.string(entry.get(JAVA_LONG, PW_NAME));
        int gid = givenGid.orElse(entry.get(JAVA_INT, PW_GID));
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("HOME", Libc.string(entry.get(JAVA_LONG, PW_DIR)));
        variables.put("USER", name);
        variables.put("LOGNAME", name);
        return new User(entry.get(JAVA_INT, PW_UID), gid, groupsOf(name, gid), variables);
    }

    private static List<Integer> groupsOf(String name, int gid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment user = Libc.toCString(arena, name.getBytes(UTF_8));
            MemorySegment groups = arena.allocate(JAVA_INT, MAX_GROUPS);
            MemorySegment count = arena.allocateFrom(JAVA_INT, MAX_GROUPS);
            Libc.callInt(Libc.function("getgrouplist"), user.address(), gid, groups.address(), count.address());
            List<Integer> list = new ArrayList<>();
            for (int i = 0; i < count.get(JAVA_INT, 0); i++) {
                list.add(groups.getAtIndex(JAVA_INT, i));
            }
            return List.copyOf(list);
        }
    }

    private static Optional<MemorySegment> byName(String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = Libc.toCString(arena, name.getBytes(UTF_8));
            return entry(Libc.call(Libc.function("getpwnam"), bytes.address()));
        }
    }

    private static Optional<MemorySegment> byUid(int uid) {
        return entry(Libc.call(Libc.function("getpwuid"), uid));
    }

    private static Optional<MemorySegment> entry(long address) {
        return address == 0
                ? Optional.empty()
                : Optional.of(MemorySegment.ofAddress(address).reinterpret(PW_SIZE));
    }

    private static int number(String user, String digits) throws CannotStartException {
        try {
            return Integer.parseUnsignedInt(digits);
        } catch (NumberFormatException notANumber) {
            throw unknown(user, "expected a name or uid[:gid]");
        }
    }

    private static CannotStartException unknown(String user, String why) {
        return new CannotStartException(CannotStartException.CANNOT_EXECUTE, "user " + user, why);
    }
}
