package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Probe;
import java.util.List;
import java.util.Optional;

/**
 * A probe.
 *
 * @param failureThreshold unless the file gives one
 */
record ProbeType(int failureThreshold) implements MapType<Probe> {

    /** Traffic to a daemon that isn't ready fails: report it at once. */
    static final ProbeType READINESS = new ProbeType(1);

    /** A liveness probe kills: be sure. */
    static final ProbeType LIVENESS = new ProbeType(3);

    @Override
    public List<Key<Probe.Builder, Probe>> keys() {
        return ProbeKeys.ALL;
    }

    /** Empty when there is no usable target; that has been reported. */
    @Override
    public Optional<Probe> read(Value value) {
        return MapReader.of(value, expected(), keys()).flatMap(map -> {
            checkOneTarget(value, map);
            Probe.Builder builder = Probe.builder().failureThreshold(failureThreshold);
            for (Key<Probe.Builder, Probe> key : ProbeKeys.ALL) {
                map.read(key, builder);
                if (key == ProbeKeys.PROXY && !map.has(ProbeKeys.HTTP)) {
                    map.get(key).ifPresent(proxy -> proxy.error("a proxy without http", "it beside http only"));
                } else if (key == ProbeKeys.PROXY && isUserOfATunnel(map)) {
                    map.get(key)
                            .ifPresent(proxy -> proxy.error(
                                    "a user, who can't be sent for an https URL", "a proxy without a user"));
                }
            }
            return ProbeKeys.TARGETS.stream().anyMatch(map::wasRead) ? Optional.of(builder.build()) : Optional.empty();
        });
    }

    /** The JDK sends no credentials with CONNECT, by which a proxy is asked for a tunnel. */
    private static boolean isUserOfATunnel(MapReader map) {
        return map.value(ProbeKeys.HTTP)
                        .filter(url -> url.getScheme().equals("https"))
                        .isPresent()
                && map.value(ProbeKeys.PROXY)
                        .filter(proxy -> proxy.getRawUserInfo() != null)
                        .isPresent();
    }

    private static void checkOneTarget(Value probe, MapReader map) {
        List<String> given = ProbeKeys.TARGETS.stream()
                .filter(map::has)
                .<String>map(Key::name)
                .toList();
        if (given.size() != 1) {
            String problem = given.isEmpty() ? "nothing to probe" : String.join(" and ", given) + " together";
            List<String> all = ProbeKeys.TARGETS.stream().<String>map(Key::name).toList();
            probe.error(problem, "exactly one of " + String.join(", ", all));
        }
    }
}
