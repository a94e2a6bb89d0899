package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.config.BundleYaml;
import dev.claudebottle.sidecar.config.Printable;
import dev.claudebottle.sidecar.config.Settings;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.OomVictim;
import dev.claudebottle.sidecar.os.SignalHandlers;
import dev.claudebottle.sidecar.os.StartCheck;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Validates the bundle and prints it as it would run; warns of what this machine lacks, and starts nothing. */
@Command(name = "check", description = "Validate the bundle and print it.", mixinStandardHelpOptions = true)
final class Check implements Callable<Integer> {

    @ParentCommand
    private TopLevelFlags topLevel;

    @Mixin
    private BundleOptions options;

    @Override
    public Integer call() {
        OomVictim.becomeFirst();
        SignalHandlers.restoreDefaults();
        Environment environment = Environment.ours();
        Settings settings = Settings.read(topLevel.flags(options), environment.asMap());
        settings.unknownDaemons().forEach(name -> warn("ignoring the unknown daemon " + name));
        for (Daemon daemon : settings.bundle().daemons()) {
            for (StartCheck.Obstacle obstacle : StartCheck.of(daemon, environment)) {
                warn("warning: daemons." + daemon.name() + "." + obstacle.key() + ": " + obstacle.cause() + "; "
                        + obstacle.code()
                                .map(code -> "its start fails with code " + code)
                                .orElse("the probe fails"));
            }
        }
        System.out.print(BundleYaml.render(settings.bundle()));
        return 0;
    }

    private static void warn(String line) {
        System.err.println(Printable.printable(line));
    }
}
