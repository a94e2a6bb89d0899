package dev.claudebottle.sidecar.probes;

import dev.claudebottle.sidecar.bundle.Probe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.util.Optional;

/** Passes when the daemon accepts a connection. */
record TcpCheck(Probe.Target.Tcp target) implements ProbeCheck {

    @Override
    public Optional<String> check() throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(DnsResolver.resolve(target.host()), target.port());
        try (Socket socket = new Socket(Proxy.NO_PROXY)) {
            socket.connect(address);
            return Optional.empty();
        }
    }
}
