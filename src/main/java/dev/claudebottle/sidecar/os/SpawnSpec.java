package dev.claudebottle.sidecar.os;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.claudebottle.sidecar.bundle.Daemon;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * What to execute for a daemon, with directory, user and program checked and the environment resolved.
 *
 * @param program the path to execute
 * @param arguments argv, including argv[0]
 * @param directory the working directory; empty string: ours
 */
record SpawnSpec(String program, List<byte[]> arguments, Environment environment, String directory) {

    /** The daemon's own command. */
    static SpawnSpec of(Daemon daemon, Environment ours) throws CannotStartException {
        return of(daemon, daemon.command(), ours);
    }

    /** Another command with the daemon's user, environment and directory. */
    static SpawnSpec of(Daemon daemon, List<String> command, Environment ours) throws CannotStartException {
        checkDirectory(daemon);
        if (daemon.user().isEmpty()) {
            return of(daemon, command, environment(daemon, ours), null);
        }
        String name = daemon.user().get();
        User user = User.find(name);
        Map<String, String> variables = new LinkedHashMap<>(user.variables());
        variables.putAll(daemon.environment());
        return of(daemon, command, inherited(daemon, ours).with(variables), toBecome(user, name));
    }

    /** Without what its user adds, which has no PATH. */
    static Environment environment(Daemon daemon, Environment ours) {
        return inherited(daemon, ours).with(daemon.environment());
    }

    private static Environment inherited(Daemon daemon, Environment ours) {
        return daemon.inheritEnvironment()
                .map(names -> ours.only(new LinkedHashSet<>(names)))
                .orElse(ours);
    }

    static void checkDirectory(Daemon daemon) throws CannotStartException {
        if (daemon.workingDir().isPresent()) {
            ProgramFinder.checkDirectory(daemon.workingDir().get());
        }
    }

    /** Throws when there is no such user, or when we can't start a daemon as that user. */
    static void checkUser(Daemon daemon) throws CannotStartException {
        if (daemon.user().isPresent()) {
            User user = toBecome(User.find(daemon.user().get()), daemon.user().get());
            if (user != null) {
                user.setprivCommand(daemon.command().getFirst(), daemon.command());
            }
        }
    }

    /** The path to execute. */
    static String findProgram(Daemon daemon, List<String> command, Environment environment)
            throws CannotStartException {
        return ProgramFinder.find(command.getFirst(), daemon.workingDir(), environment);
    }

    /** @param user to change to, or null */
    private static SpawnSpec of(Daemon daemon, List<String> command, Environment environment, User user)
            throws CannotStartException {
        String program = findProgram(daemon, command, environment);
        List<String> arguments = command;
        if (user != null) {
            arguments = user.setprivCommand(program, command);
            program = arguments.getFirst();
        }
        return new SpawnSpec(
                program,
                arguments.stream().map(argument -> argument.getBytes(UTF_8)).toList(),
                environment,
                daemon.workingDir().orElse(""));
    }

    /** Null when a daemon runs as this user anyway. */
    private static User toBecome(User user, String name) throws CannotStartException {
        Credentials ours;
        try {
            ours = Credentials.ours();
        } catch (IOException unreadable) {
            throw new CannotStartException(
                    CannotStartException.CANNOT_EXECUTE,
                    "user " + name,
                    "cannot read our own: " + unreadable.getMessage());
        }
        if (ours.are(user)) {
            return null;
        }
        ours.checkMayBecome(user, name);
        return user;
    }
}
