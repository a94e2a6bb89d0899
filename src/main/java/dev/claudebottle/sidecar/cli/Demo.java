package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.config.Settings;
import dev.claudebottle.sidecar.lifecycle.OwnLine;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.supervisor.Supervisor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    @Option(
            names = Flags.FAILURE_POLICY,
            paramLabel = "P",
            completionCandidates = Candidates.FailurePolicies.class,
            description = "What a death does: leave, restart (the default of the demo) or teardown.")
    private String failurePolicy;

    @Option(
            names = Flags.LOG_FORMAT,
            paramLabel = "F",
            completionCandidates = Candidates.LogFormats.class,
            description = "text or json.")
    private String logFormat;

    @ParentCommand
    private TopLevelFlags topLevel;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        topLevel.refuse(spec);
        Environment environment = Environment.ours();
        Settings settings = Settings.read(flags(), variables(environment));
        HttpAddress http = FreePort.from(settings.http());
        Supervisor supervisor =
                Run.supervisor(settings.bundle().withoutNotify().withDaemons(StandIns.all()), environment);
        DemoTour.follow(supervisor, http);
        // a demo has no kubelet, and may have taken that port itself
        return Run.start(supervisor, http, Optional.empty(), settings.socket(), lines(settings.http(), http));
    }

    private static List<OwnLine> lines(HttpAddress wanted, HttpAddress http) {
        List<OwnLine> lines = new ArrayList<>();
        lines.add(OwnLine.info(
                "demo: four stand-ins run under the guards' names; " + StandIns.MORTAL + " dies after some seconds"));
        if (!http.equals(wanted)) {
            lines.add(OwnLine.warning("demo: port " + wanted.port() + " is taken; this demo has port " + http.port()));
        }
        lines.add(OwnLine.info("demo: look at " + http.url() + "/ meanwhile; Ctrl-C stops it"));
        return lines;
    }

    /** All daemons, whatever the environment selects. */
    private Flags flags() {
        Map<String, String> values = new HashMap<>();
        values.put(Flags.DAEMONS, "");
        values.put(Flags.FAILURE_POLICY, failurePolicy);
        values.put(Flags.LOG_FORMAT, logFormat);
        return Flags.of(values);
    }

    /** No bundle file; and restarts, unless somebody wants to see another policy. */
    private static Map<String, String> variables(Environment environment) {
        Map<String, String> variables = new HashMap<>(environment.asMap());
        variables.remove("CLAUDE_BOTTLE_SIDECAR_CONFIG");
        variables.merge(
                "CLAUDE_BOTTLE_SIDECAR_FAILURE_POLICY",
                FailurePolicy.RESTART.word(),
                (given, restart) -> given.isEmpty() ? restart : given);
        return variables;
    }
}
