package dev.claudebottle.sidecar.bundle;

import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** A bundle in the format of bundle files, with what is effective spelled out and the values of {@code environment} hidden. */
public final class BundleYaml {

    private static final String HIDDEN = "***";

    private BundleYaml() {}

    public static String render(Bundle bundle) {
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("failure_policy", bundle.failurePolicy().word());
        top.put("stop_grace_period", bundle.stopGracePeriod().text());
        top.put("logs", Map.of("format", bundle.logFormat().word()));
        Map<String, Object> daemons = new LinkedHashMap<>();
        bundle.daemons().forEach(daemon -> daemons.put(daemon.name(), fields(bundle, daemon)));
        top.put("daemons", daemons);
        // The schema that files are read by: it quotes "~". AUTO puts a list on one line, as people write it; the width
        // keeps long ones there.
        DumpSettings settings = DumpSettings.builder()
                .setSchema(new CoreSchema())
                .setDefaultFlowStyle(FlowStyle.AUTO)
                .setWidth(Integer.MAX_VALUE)
                .setDereferenceAliases(true)
                .build();
        return new Dump(settings).dumpToString(top);
    }

    private static Map<String, Object> fields(Bundle bundle, Daemon daemon) {
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
        return fields;
    }
}
