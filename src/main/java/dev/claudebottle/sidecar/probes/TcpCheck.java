package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Probe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/** Passes when the daemon accepts a connection on any address of its host. */
record TcpCheck(Probe.Target.Tcp target, Duration timeout, Lookup lookup) implements ProbeCheck {

    @Override
    public Optional<String> check() throws IOException, InterruptedException {
        Addresses addresses = new Addresses(lookup.addresses(target.host()), timeout, true);
        return addresses.connect((address, share) -> {
            try (Socket socket = new Socket(Proxy.NO_PROXY)) {
                socket.connect(new InetSocketAddress(address, target.port()), share);
                return Optional.empty();
            }
        });
    }
}
