package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.config.Flags;
import dev.claudebottle.sidecar.config.HttpAddress;
import dev.claudebottle.sidecar.config.Settings;
import dev.claudebottle.sidecar.http.WebServer;
import dev.claudebottle.sidecar.logs.LogPump;
import dev.claudebottle.sidecar.logs.SystemOutCapture;
import dev.claudebottle.sidecar.os.Descriptors;
import dev.claudebottle.sidecar.os.Environment;
import dev.claudebottle.sidecar.os.LibcPreload;
import dev.claudebottle.sidecar.os.Processes;
import dev.claudebottle.sidecar.supervisor.Supervisor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Supervises the bundle: the guards first, the web server second. */
@Command(name = "run", description = "Supervise the bundle (the default).", mixinStandardHelpOptions = true)
final class Run implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMillis(500);

    @ParentCommand
    private SidecarInit parent;

    @Mixin
    private BundleOptions options;

    @Override
    public Integer call() throws InterruptedException {
        return run(parent.flags(options));
    }

    static int run(Flags flags) throws InterruptedException {
        LibcPreload.begin();
        Environment environment = Environment.ours();
        Settings settings = Settings.read(flags, environment.asMap());
        List<String> lines = settings.unknownDaemons().stream()
                .map(name -> "ignoring the unknown daemon " + name)
                .toList();
        return run(settings.bundle(), settings.http(), environment, lines);
    }

    /** @param lines to put out first */
    static int run(Bundle bundle, HttpAddress http, Environment environment, List<String> lines)
            throws InterruptedException {
        int stdout = Descriptors.claimStandard() ? Descriptors.STDOUT : -1;
        if (bundle.daemons().isEmpty()) {
            return nothingToDo(new LogPump(stdout, bundle.logFormat(), fault -> Processes.leave(1)), lines);
        }
        Supervisor supervisor = new Supervisor(bundle, environment, stdout, exit());
        SystemOutCapture.capture(supervisor::say);
        lines.forEach(supervisor::say);
        supervisor.begin();
        WebServer.serve(supervisor, http, supervisor::say);
        supervisor.awaitEnd();
        return 0;
    }

    private static int nothingToDo(LogPump pump, List<String> lines) throws InterruptedException {
        pump.begin();
        lines.forEach(pump::say);
        long patience = PATIENCE.toNanos();
        pump.finish("no daemons selected; nothing to do", patience, System.nanoTime() + patience);
        return 0;
    }

    /** Only the training of the AOT cache ends the JVM in its own way: the cache is written on that way. */
    private static IntConsumer exit() {
        return Boolean.getBoolean("sidecar.aot-training") ? System::exit : Processes::leave;
    }
}
