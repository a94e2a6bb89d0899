package dev.claudebottle.sidecar.lifecycle;

import static dev.claudebottle.sidecar.lifecycle.Bundles.bundle;
import static dev.claudebottle.sidecar.lifecycle.Bundles.daemon;
import static dev.claudebottle.sidecar.lifecycle.Bundles.dependent;
import static dev.claudebottle.sidecar.lifecycle.Bundles.probed;
import static dev.claudebottle.sidecar.lifecycle.Bundles.restart;
import static dev.claudebottle.sidecar.lifecycle.Bundles.withLiveness;
import static dev.claudebottle.sidecar.lifecycle.Bundles.withReadiness;
import static dev.claudebottle.sidecar.lifecycle.SearchedBundle.Feature.ODD_ANSWERS;
import static dev.claudebottle.sidecar.lifecycle.SearchedBundle.Feature.OUTPUT_HELD;
import static dev.claudebottle.sidecar.lifecycle.SearchedBundle.Feature.PAUSES;
import static dev.claudebottle.sidecar.lifecycle.SearchedBundle.Feature.RESTARTS_ASKED;
import static dev.claudebottle.sidecar.lifecycle.SearchedBundle.Feature.SESSIONS_LEFT;
import static dev.claudebottle.sidecar.lifecycle.SearchedBundle.of;

import dev.claudebottle.sidecar.bundle.Bundle;
import dev.claudebottle.sidecar.bundle.CrashLoopAction;
import dev.claudebottle.sidecar.bundle.Daemon;
import dev.claudebottle.sidecar.bundle.FailurePolicy;
import dev.claudebottle.sidecar.bundle.RestartPolicy;
import dev.claudebottle.sidecar.bundle.Signal;
import java.util.ArrayList;
import java.util.List;

/** The bundles of the exhaustive searches. Their durations are short, so that few ticks lie between two deadlines. */
final class SearchedBundles {

    private static final ExitStatus[] ENDS = {
        new ExitStatus.Code(0),
        new ExitStatus.Code(1),
        new ExitStatus.Code(128 + 15),
        new ExitStatus.Killed(Signal.TERM, false),
        new ExitStatus.Killed(Signal.KILL, false),
        new ExitStatus.Killed(new Signal(11), true)
    };

    private static final RestartPolicy FAST = onCrashLoop(CrashLoopAction.KEEP_TRYING);
    private static final RestartPolicy AT_ONCE = restart("0s", "500ms", "500ms", 2, "1s", CrashLoopAction.KEEP_TRYING);
    private static final RestartPolicy SLOW = restart("500ms", "1s", "1s", 3, "2s", CrashLoopAction.KEEP_TRYING);

    private SearchedBundles() {}

    /** Together they lead to everything in {@link Coverage}. */
    static List<SearchedBundle> small() {
        return List.of(
                of("leave", leave(daemon("a"), daemon("b", "500ms")), SESSIONS_LEFT, PAUSES, RESTARTS_ASKED),
                of(
                        "leave, b on a",
                        leave(probed("a"), dependent(daemon("b"), "a")),
                        SESSIONS_LEFT,
                        ODD_ANSWERS,
                        RESTARTS_ASKED),
                of("leave, c on a and b", leave(probed("a"), probed("b"), dependent(daemon("c"), "a", "b"))),
                of("leave, c on b on a", leave(daemon("a"), dependent(daemon("b"), "a"), dependent(daemon("c"), "b"))),
                of("exit codes", leave(daemon("a"), withLiveness(daemon("b"), 1)), SESSIONS_LEFT)
                        .ending(ENDS),
                of("exit codes of restarts", leave(withLiveness(daemon("a"), 1)), SESSIONS_LEFT, RESTARTS_ASKED)
                        .ending(ENDS),
                of("teardown, b on a", teardown(daemon("a", "500ms"), dependent(daemon("b"), "a")), SESSIONS_LEFT),
                of(
                        "teardown, b and c on a",
                        teardown(daemon("a"), dependent(daemon("b", "1s"), "a"), dependent(daemon("c"), "a")),
                        SESSIONS_LEFT),
                of("restart", restarting(FAST, daemon("a"), daemon("b")), SESSIONS_LEFT),
                of("restart, one", restarting(SLOW, fullyProbed("a", 2)), SearchedBundle.Feature.values()),
                of(
                        "restart, crash loop left",
                        restarting(onCrashLoop(CrashLoopAction.LEAVE), probed("a"), dependent(daemon("b"), "a")),
                        ODD_ANSWERS),
                of(
                        "restart, crash loop teardown",
                        restarting(
                                onCrashLoop(CrashLoopAction.TEARDOWN),
                                withLiveness(daemon("a", "500ms"), 1),
                                leaving(daemon("b"))),
                        SESSIONS_LEFT,
                        ODD_ANSWERS),
                of(
                        "restart, output held",
                        restarting(AT_ONCE, daemon("a"), leaving(daemon("b"))),
                        OUTPUT_HELD,
                        SESSIONS_LEFT),
                of("restart, pauses", restarting(FAST, daemon("a"), leaving(daemon("b"))), PAUSES, SESSIONS_LEFT));
    }

    /** All policies with all dependencies, with and without probes; for two daemons also everything that can happen. */
    static List<SearchedBundle> all() {
        List<SearchedBundle> all = new ArrayList<>(small());
        all.add(of(
                "restarts, b on a, c", leave(probed("a"), dependent(daemon("b"), "a"), daemon("c")), RESTARTS_ASKED));
        List<Bundle> policies = List.of(
                leave(),
                teardown(),
                restarting(FAST),
                restarting(AT_ONCE),
                restarting(onCrashLoop(CrashLoopAction.LEAVE)),
                restarting(onCrashLoop(CrashLoopAction.TEARDOWN)));
        for (Bundle policy : policies) {
            for (Daemon a : List.of(daemon("a", "500ms"), probed("a"), fullyProbed("a", 1))) {
                for (Daemon b : List.of(daemon("b", "1s"), dependent(daemon("b"), "a"), leaving(probed("b"), "a"))) {
                    all.add(of(
                            "all " + all.size(), policy.withDaemons(List.of(a, b)), SearchedBundle.Feature.values()));
                }
            }
            for (String dependency : List.of("a", "b")) {
                List<Daemon> three =
                        List.of(daemon("a", "500ms"), leaving(daemon("b"), "a"), leaving(daemon("c"), dependency));
                all.add(of("all " + all.size(), policy.withDaemons(three), SESSIONS_LEFT));
            }
        }
        return all;
    }

    private static Daemon fullyProbed(String name, int threshold) {
        return withLiveness(withReadiness(daemon(name), threshold), threshold);
    }

    private static Daemon leaving(Daemon daemon, String... dependsOn) {
        return dependent(daemon, dependsOn).toBuilder()
                .failurePolicy(FailurePolicy.LEAVE)
                .build();
    }

    private static Bundle leave(Daemon... daemons) {
        return bundle(FailurePolicy.LEAVE, "2s", daemons);
    }

    private static Bundle teardown(Daemon... daemons) {
        return bundle(FailurePolicy.TEARDOWN, "2s", daemons);
    }

    private static RestartPolicy onCrashLoop(CrashLoopAction action) {
        return restart("500ms", "500ms", "1s", 2, "1s", action);
    }

    private static Bundle restarting(RestartPolicy rules, Daemon... daemons) {
        return bundle(FailurePolicy.RESTART, "2s", rules, List.of("a"), daemons);
    }
}
