package dev.claudebottle.sidecar.lifecycle;

import java.util.Optional;

/**
 * How the starts of a daemon ended.
 *
 * @param last empty before the first end
 * @param code what the latest end adds to the bundle's exit code, see {@link ExitCodes}
 * @param deaths the ends that nobody asked for, neither by a stop of the bundle nor by a restart
 */
record Exits(Optional<LastExit> last, int code, DeathCounts deaths) {

    static final Exits NONE = new Exits(Optional.empty(), 0, DeathCounts.NONE);

    Exits ended(LastExit exit, int exitCode) {
        return new Exits(Optional.of(exit), exitCode, deaths);
    }

    Exits with(DeathCounts changed) {
        return new Exits(last, code, changed);
    }
}
