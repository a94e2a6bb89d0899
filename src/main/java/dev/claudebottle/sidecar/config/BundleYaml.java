package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A bundle in the format of bundle files, with everything that is effective written out. The values of {@code environment} and
 * users and queries in URLs are hidden.
 */
public final class BundleYaml {

    private BundleYaml() {}

    public static String render(Bundle bundle) {
        // The schema that files are read by: it quotes "~". AUTO puts a list on one line, as people write it; the width
        // keeps long ones there.
        DumpSettings settings = DumpSettings.builder()
                .setSchema(new CoreSchema())
                .setDefaultFlowStyle(FlowStyle.AUTO)
                .setWidth(Integer.MAX_VALUE)
                .setDereferenceAliases(true)
                .build();
        return new Dump(settings).dumpToString(Key.render(BundleKeys.ALL, effective(bundle)));
    }

    /** Each daemon has the grace and the policy that apply to it, and names of daemons that do not run are left out. */
    private static Bundle effective(Bundle bundle) {
        Set<String> selected = bundle.daemons().stream().map(Daemon::name).collect(Collectors.toSet());
        List<Daemon> daemons = bundle.daemons().stream()
                .map(daemon -> daemon.toBuilder()
                        .stopGracePeriod(bundle.stopGracePeriodOf(daemon))
                        .failurePolicy(bundle.failurePolicyOf(daemon))
                        .dependsOn(only(selected, daemon.dependsOn()))
                        .build())
                .toList();
        return bundle.toBuilder()
                .forwardHup(only(selected, bundle.forwardHup()))
                .daemons(daemons)
                .build();
    }

    /** The name of a daemon that is not selected has no effect, and in a file it would be unknown. */
    private static List<String> only(Set<String> selected, List<String> names) {
        return names.stream().filter(selected::contains).toList();
    }
}
