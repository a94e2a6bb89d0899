package dev.claudebottle.sidecar.probes;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;

/** TLS with a server that has this name, to whatever address the connection leads: for its certificate and for SNI. */
final class TlsByName extends SSLSocketFactory {

    private final SSLSocketFactory sockets;
    private final String name;
    private boolean begun;

    TlsByName(SSLSocketFactory sockets, String name) {
        this.sockets = sockets;
        this.name = name;
    }

    /** Whether there was a connection. */
    boolean begun() {
        return begun;
    }

    /** A plain socket, which the JDK connects and then passes to the next method. */
    @Override
    public Socket createSocket() {
        return new Socket(Proxy.NO_PROXY);
    }

    @Override
    public Socket createSocket(Socket connected, String address, int port, boolean autoClose) throws IOException {
        begun = true;
        return sockets.createSocket(connected, name, port, autoClose);
    }

    /** The JDK's second try after a failure of the method above: a connection of its own, which is not wanted. */
    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new IOException("no other connection");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        throw new IOException("no other connection");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw new IOException("no other connection");
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress local, int localPort) throws IOException {
        throw new IOException("no other connection");
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return sockets.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return sockets.getSupportedCipherSuites();
    }
}
