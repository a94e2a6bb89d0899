package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.util.Optional;
import java.util.Set;

/** The top level of a bundle file. */
final class BundleReader {

    /** Those with checks across keys. */
    private static final Set<Key<Bundle.Builder, Bundle>> LATER =
            Set.of(BundleKeys.NOTIFY, BundleKeys.RESTART, BundleKeys.DAEMONS, BundleKeys.FORWARD_HUP);

    private final MapReader map;
    private final Bundle.Builder builder = Bundle.builder();
    private final Dependencies dependencies = new Dependencies();

    private BundleReader(MapReader map) {
        this.map = map;
    }

    static Optional<Bundle> read(Value root) {
        return MapReader.of(root, "a map with the key daemons", BundleKeys.ALL)
                .map(map -> new BundleReader(map).read());
    }

    private Bundle read() {
        for (Key<Bundle.Builder, Bundle> key : BundleKeys.ALL) {
            if (!LATER.contains(key)) {
                map.read(key, builder);
            }
        }
        map.get(BundleKeys.NOTIFY).ifPresent(this::readNotify);
        RestartRules restart = map.get(BundleKeys.RESTART)
                .flatMap(value -> new RestartType().read(value, RestartRules.BUILT_IN))
                .orElse(RestartRules.BUILT_IN);
        builder.restart(restart.policy());
        DaemonReader.Inherited inherited = new DaemonReader.Inherited(graceLimit(), restart);
        map.require(BundleKeys.DAEMONS);
        map.get(BundleKeys.DAEMONS)
                .flatMap(value -> new DaemonsType().read(value, inherited, dependencies))
                .ifPresent(builder::daemons);
        // It names daemons, so all of them must be known.
        map.read(BundleKeys.FORWARD_HUP, builder);
        map.value(BundleKeys.FORWARD_HUP).ifPresent(dependencies::checkNames);
        dependencies.check();
        return builder.build();
    }

    private void readNotify(Value value) {
        MapReader.of(value, "a map", BundleKeys.NOTIFY.keys()).ifPresent(notify -> {
            notify.read(BundleKeys.NOTIFY.keys(), builder);
            if (notify.has(BundleKeys.NOTIFY_URL) && notify.has(BundleKeys.NOTIFY_URLS)) {
                value.error("url and urls together", "one of url, urls");
            }
        });
    }

    /** A wrong grace of the bundle is one error, not one more for each daemon. */
    private Optional<TimeSpan> graceLimit() {
        return map.has(BundleKeys.GRACE)
                ? map.value(BundleKeys.GRACE)
                : Optional.of(builder.build().stopGracePeriod());
    }
}
