package dev.claudebottle.sidecar.http;

import dev.claudebottle.sidecar.config.HealthAddress;
import dev.claudebottle.sidecar.config.HttpAddress;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Where to listen: at most two addresses, without names. One that can't be had leaves the other. */
record Listeners(Optional<HttpAddress> main, Optional<HttpAddress> health) {

    /** @param cannotServe gets an address as it is named, and the cause */
    static Listeners of(HttpAddress http, Optional<HttpAddress> health, BiConsumer<HttpAddress, String> cannotServe) {
        Optional<HttpAddress> main = lookUp(http, cannotServe);
        if (health.isEmpty()) {
            return new Listeners(main, health);
        }
        Optional<HttpAddress> second = lookUp(health.get(), cannotServe);
        if (main.isPresent() && second.isPresent()) {
            if (HealthAddress.collide(main.get(), second.get())) {
                cannotServe.accept(health.get(), "that is the address of " + http);
                return new Listeners(main, Optional.empty());
            }
            // Quarkus runs only if it can listen on the address that it is given
            return new Listeners(main.filter(address -> isFree(address, http, cannotServe)), second);
        }
        return new Listeners(main, second);
    }

    private static Optional<HttpAddress> lookUp(HttpAddress named, BiConsumer<HttpAddress, String> cannotServe) {
        try {
            return Optional.of(new HttpAddress(ListenAddress.of(named.host()), named.port()));
        } catch (IOException cause) {
            cannotServe.accept(named, StartupError.message(cause));
            return Optional.empty();
        }
    }

    private static boolean isFree(HttpAddress address, HttpAddress named, BiConsumer<HttpAddress, String> cannotServe) {
        try {
            ListenAddress.tryOut(address.host(), address.port());
            return true;
        } catch (IOException | RuntimeException cause) {
            cannotServe.accept(named, StartupError.message(cause));
            return false;
        }
    }
}
