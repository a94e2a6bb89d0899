package dev.claudebottle.sidecar.config;

import static dev.claudebottle.sidecar.config.Key.always;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.TimeSpan;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * The keys of a bundle file's top level. Reader, rendering and docs/operating.md follow this list, and for the maps below it those of
 * {@link RestartKeys}, {@link DaemonKeys} and {@link ProbeKeys}. A key has a constant of its own where a check across keys needs it.
 */
final class BundleKeys {

    static final Key.Leaf<Bundle.Builder, Bundle, TimeSpan> GRACE = always(
            "stop_grace_period",
            ScalarType.DURATION,
            "from the stop request to SIGKILL",
            Bundle.Builder::stopGracePeriod,
            Bundle::stopGracePeriod);

    static final Key.Leaf<Bundle.Builder, Bundle, RestartPolicy> RESTART = always(
            "restart",
            new RestartType(),
            "how `failure_policy: restart` works",
            Bundle.Builder::restart,
            Bundle::restart);

    static final Key.Leaf<Bundle.Builder, Bundle, List<NameListType.Name>> FORWARD_HUP = always(
            "forward_hup",
            new NameListType(),
            "these daemons get our SIGHUP",
            (bundle, names) -> bundle.forwardHup(NameListType.texts(names)),
            bundle -> NameListType.names(bundle.forwardHup()));

    static final Key.Leaf<Bundle.Builder, Bundle, List<Daemon>> DAEMONS = always(
            "daemons",
            new DaemonsType(),
            "required; the order is the start order",
            Bundle.Builder::daemons,
            Bundle::daemons);

    static final Key.Leaf<Bundle.Builder, Bundle, URI> NOTIFY_URL = new Key.Leaf<>(
            "url",
            UrlType.HTTP,
            "events are POSTed there; by default `http://127.0.0.1:9100/events` when the selected bundle has a"
                    + " daemon named supervise",
            (bundle, url) -> bundle.notifyUrls(List.of(url)),
            bundle -> Optional.of(bundle.notifyUrls())
                    .filter(urls -> urls.size() == 1)
                    .map(List::getFirst));

    static final Key.Leaf<Bundle.Builder, Bundle, List<URI>> NOTIFY_URLS = new Key.Leaf<>(
            "urls",
            new UrlListType(UrlType.HTTP, Receivers.MOST),
            "in place of `url`: events are POSTed to each of these, which has a queue of its own",
            Bundle.Builder::notifyUrls,
            bundle -> Optional.of(bundle.notifyUrls()).filter(urls -> urls.size() > 1));

    static final Key.Section<Bundle.Builder, Bundle> NOTIFY =
            new Key.Section<>("notify", "who is notified of deaths and gaps", List.of(NOTIFY_URL, NOTIFY_URLS));

    static final List<Key<Bundle.Builder, Bundle>> ALL = List.of(
            always(
                    "failure_policy",
                    ScalarType.FAILURE_POLICY,
                    "what a daemon's death does, unless the daemon has its own policy",
                    Bundle.Builder::failurePolicy,
                    Bundle::failurePolicy),
            GRACE,
            RESTART,
            NOTIFY,
            new Key.Section<>(
                    "events",
                    "what events contain",
                    List.of(always(
                            "output_lines",
                            // All daemons' last lines are in memory, and so are those of a thousand events.
                            new WholeNumberType(0, 1000),
                            "last lines of output in an exit's event; 0 = none",
                            Bundle.Builder::outputLines,
                            Bundle::outputLines))),
            new Key.Section<>(
                    "logs",
                    "how output goes to stdout",
                    List.of(
                            always(
                                    "format",
                                    ScalarType.LOG_FORMAT,
                                    "lines, or one JSON object a line",
                                    Bundle.Builder::logFormat,
                                    bundle -> bundle.logs().format()),
                            always(
                                    "max_line",
                                    ScalarType.LINE_SIZE,
                                    "a daemon's longer line is cut into pieces; counted as read, without its newline",
                                    Bundle.Builder::maxLine,
                                    bundle -> bundle.logs().maxLine()),
                            always(
                                    "colour",
                                    ScalarType.COLOUR,
                                    "colours (SGR sequences) of daemons: shown as `\\x1b[32m`, or left out",
                                    Bundle.Builder::colour,
                                    bundle -> bundle.logs().colour()))),
            FORWARD_HUP,
            DAEMONS);

    private BundleKeys() {}
}
