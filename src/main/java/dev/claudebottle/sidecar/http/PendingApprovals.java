package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.lifecycle.BundleState;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks {@code supervise}, while it is ready, how many requests for approval wait for the operator (decision 0029). */
final class PendingApprovals {

    private static final DaemonQuery QUERY =
            new DaemonQuery("supervise", "SUPERVISE_OPERATOR_PORT", 9100, "/approvals/count", "127.0.0.1", 1024);
    private static final Pattern COUNT = Pattern.compile("(\\d{1,6})\n?");

    private PendingApprovals() {}

    /** Empty without such a daemon, and when it does not answer. */
    static OptionalInt of(BundleState state) {
        return QUERY.ask(state)
                .map(COUNT::matcher)
                .filter(Matcher::matches)
                .map(count -> OptionalInt.of(Integer.parseInt(count.group(1))))
                .orElseGet(OptionalInt::empty);
    }
}
