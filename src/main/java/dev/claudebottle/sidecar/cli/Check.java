package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.config.BundleYaml;
import dev.claudebottle.sidecar.config.Settings;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.OomVictim;
import dev.claudebottle.sidecar.os.SignalHandlers;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Validates the bundle and prints it as it would run; starts nothing. */
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
        Settings settings =
                Settings.read(topLevel.flags(options), Environment.ours().asMap());
        settings.unknownDaemons().forEach(name -> System.err.println("ignoring the unknown daemon " + name));
        System.out.print(BundleYaml.render(settings.bundle()));
        return 0;
    }
}
