package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.Settings;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Supervises shell scripts that stand in for the daemons, for machines that have none of them. */
@Command(
        name = "demo",
        description = "Supervise four stand-ins, one of which dies after some seconds.",
        mixinStandardHelpOptions = true)
final class Demo implements Callable<Integer> {

    private static final List<String> GUARDS = List.of("egress", "pipelock", "git-gate", "supervise");

    @Option(
            names = Flags.FAILURE_POLICY,
            paramLabel = "P",
            description = "What a death does: leave, restart or teardown.")
    private String failurePolicy;

    @Option(names = Flags.LOG_FORMAT, paramLabel = "F", description = "text or json.")
    private String logFormat;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        topLevel.refuse(spec);
        Environment environment = Environment.ours();
        Settings settings = Settings.read(flags(), withoutConfig(environment.asMap()));
        Bundle bundle = settings.bundle()
                .withoutNotify()
                .withDaemons(GUARDS.stream().map(Demo::standIn).toList());
        String url = "http://" + settings.http();
        return Run.start(
                bundle,
                settings.http(),
                environment,
                List.of(
                        OwnLine.info(
                                "demo: four stand-ins run under the guards' names; egress dies after some seconds"),
                        OwnLine.info("demo: look at " + url + "/status and " + url
                                + "/q/health meanwhile; Ctrl-C stops it")));
    }

    /** All daemons, whatever the environment selects. */
    private Flags flags() {
        Map<String, String> values = new HashMap<>();
        values.put(Flags.DAEMONS, "");
        values.put(Flags.FAILURE_POLICY, failurePolicy);
        values.put(Flags.LOG_FORMAT, logFormat);
        return Flags.of(values);
    }

    private static Map<String, String> withoutConfig(Map<String, String> variables) {
        Map<String, String> rest = new HashMap<>(variables);
        rest.remove("CLAUDE_BOTTLE_SIDECAR_CONFIG");
        return rest;
    }

    private static Daemon standIn(String name) {
        try (InputStream script = Demo.class.getResourceAsStream("/demo/" + name + ".sh")) {
            return Daemon.of(name, "/bin/sh", "-c", new String(script.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("cannot read the script of " + name, unreadable);
        }
    }
}
