package dev.claudebottle.sidecar.it.containers;

import dev.claudebottle.sidecar.it.Command;
import dev.claudebottle.sidecar.it.Command.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs the container engine's command line, and other commands. */
final class Docker {

    /** The image to test, or null if there is none. */
    static final String IMAGE = System.getenv("SIDECARS_IMAGE");

    /** The only rights that the image needs according to its documentation. */
    static final List<String> HARDENED = List.of(
            "--read-only",
            "--tmpfs=/tmp",
            "--cap-drop=ALL",
            "--cap-add=SETUID",
            "--cap-add=SETGID",
            "--cap-add=KILL",
            "--security-opt=no-new-privileges");

    private Docker() {}

    static Result docker(String... arguments) {
        return run(
                Map.of(),
                Stream.concat(Stream.of("docker"), Stream.of(arguments)).toList());
    }

    /** Starts a hardened container of the image in the background. The caller removes it with {@link #remove}. */
    static String start(String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker", "run", "--detach"));
        command.addAll(HARDENED);
        command.addAll(List.of(arguments));
        command.add(IMAGE);
        return run(Map.of(), command).succeeded().output().strip();
    }

    static Result exec(String container, String... command) {
        return docker(
                Stream.concat(Stream.of("exec", container), Stream.of(command)).toArray(String[]::new));
    }

    static String logs(String container) {
        return docker("logs", container).succeeded().output();
    }

    static String inspect(String thing, String format) {
        return docker("inspect", "--format", format, thing).succeeded().output().strip();
    }

    static void remove(String container) {
        docker("rm", "--force", "--volumes", container);
    }

    static Result run(Map<String, String> environment, List<String> command) {
        return Command.run(environment, "", command);
    }
}
