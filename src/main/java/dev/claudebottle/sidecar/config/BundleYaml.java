package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.Probe;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A bundle in the format of bundle files, with what is effective spelled out. The values of {@code environment} and the passwords
 * in URLs are hidden.
 */
public final class BundleYaml {

    private static final String HIDDEN = "***";
    private static final Pattern PASSWORD = Pattern.compile("^([^:/?#]+://[^:@/?#]*:)[^@/?#]*@");

    private final Bundle bundle;
    private final Set<String> selected;

    private BundleYaml(Bundle bundle) {
        this.bundle = bundle;
        selected = bundle.daemons().stream().map(Daemon::name).collect(Collectors.toSet());
    }

    public static String render(Bundle bundle) {
        // The schema that files are read by: it quotes "~". AUTO puts a list on one line, as people write it; the width
        // keeps long ones there.
        DumpSettings settings = DumpSettings.builder()
                .setSchema(new CoreSchema())
                .setDefaultFlowStyle(FlowStyle.AUTO)
                .setWidth(Integer.MAX_VALUE)
                .setDereferenceAliases(true)
                .build();
        return new Dump(settings).dumpToString(new BundleYaml(bundle).top());
    }

    private Map<String, Object> top() {
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("failure_policy", bundle.failurePolicy().word());
        top.put("stop_grace_period", bundle.stopGracePeriod().text());
        top.put("restart", restart(bundle.restart()));
        // An empty map: nobody is told.
        top.put(
                "notify",
                bundle.notifyUrl().map(url -> Map.of("url", shown(url))).orElse(Map.of()));
        top.put("events", Map.of("output_lines", bundle.outputLines()));
        top.put("logs", Map.of("format", bundle.logFormat().word()));
        top.put("forward_hup", selected(bundle.forwardHup()));
        Map<String, Object> daemons = new LinkedHashMap<>();
        bundle.daemons().forEach(daemon -> daemons.put(daemon.name(), daemon(daemon)));
        top.put("daemons", daemons);
        return top;
    }

    private static Map<String, Object> restart(RestartPolicy rules) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("initial_delay", rules.initialDelay().text());
        fields.put("max_delay", rules.maxDelay().text());
        fields.put("reset_after", rules.resetAfter().text());
        fields.put("crash_loop_deaths", rules.crashLoopDeaths());
        fields.put("crash_loop_window", rules.crashLoopWindow().text());
        fields.put("crash_loop_action", rules.crashLoopAction().word());
        return fields;
    }

    private Map<String, Object> daemon(Daemon daemon) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("command", daemon.command());
        if (!daemon.environment().isEmpty()) {
            Map<String, String> hidden = new LinkedHashMap<>();
            daemon.environment().keySet().forEach(name -> hidden.put(name, HIDDEN));
            fields.put("environment", hidden);
        }
        daemon.inheritEnvironment().ifPresent(names -> fields.put("inherit_environment", names));
        daemon.workingDir().ifPresent(dir -> fields.put("working_dir", dir));
        daemon.user().ifPresent(user -> fields.put("user", user));
        fields.put("stop_signal", daemon.stopSignal().toString());
        fields.put("stop_grace_period", bundle.stopGracePeriodOf(daemon).text());
        fields.put("failure_policy", bundle.failurePolicyOf(daemon).word());
        fields.put("depends_on", selected(daemon.dependsOn()));
        daemon.readiness().ifPresent(probe -> fields.put("readiness", probe(probe)));
        daemon.liveness().ifPresent(probe -> fields.put("liveness", probe(probe)));
        return fields;
    }

    private static Map<String, Object> probe(Probe probe) {
        Map<String, Object> fields = new LinkedHashMap<>();
        switch (probe.target()) {
            case Probe.Target.Tcp(String host, int port) -> fields.put("tcp", HttpAddress.join(host, port));
            case Probe.Target.Http http -> {
                fields.put("http", shown(http.url()));
                http.proxy().ifPresent(proxy -> fields.put("proxy", shown(proxy)));
            }
            case Probe.Target.Exec(List<String> command) -> fields.put("exec", command);
        }
        fields.put("period", probe.period().text());
        fields.put("timeout", probe.timeout().text());
        fields.put("failure_threshold", probe.failureThreshold());
        return fields;
    }

    /** Names of daemons that are not selected have no effect, and in a file they would be unknown. */
    private List<String> selected(List<String> names) {
        return names.stream().filter(selected::contains).toList();
    }

    private static String shown(URI url) {
        return PASSWORD.matcher(url.toString()).replaceFirst("$1***@");
    }
}
