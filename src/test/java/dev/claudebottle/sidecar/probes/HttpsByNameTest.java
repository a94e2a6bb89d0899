package dev.claudebottle.sidecar.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.claudebottle.sidecar.bundle.Probe;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The connection is made to an address; the certificate has to be that of the name. */
class HttpsByNameTest {

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress REFUSING = InetAddress.ofLiteral("127.0.0.2");
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    Path directory;

    private final List<String> serverNames = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private SSLSocketFactory standard;
    private SSLServerSocket server;

    /** A server whose certificate is for guard.test, and clients that trust it. */
    @BeforeEach
    void serve() throws Exception {
        SSLContext context = context();
        standard = HttpsURLConnection.getDefaultSSLSocketFactory();
        HttpsURLConnection.setDefaultSSLSocketFactory(context.getSocketFactory());
        server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 10, LOOPBACK);
        Thread.ofVirtual().start(this::acceptAll);
    }

    @AfterEach
    void close() throws IOException {
        HttpsURLConnection.setDefaultSSLSocketFactory(standard);
        server.close();
    }

    @Test
    void aServerIsAskedForTheNameAndHasToProveIt() throws Exception {
        assertThat(check("guard.test").check()).isEmpty();
        assertThat(serverNames).containsExactly("guard.test");
        assertThat(requests).containsExactly("Host: guard.test:" + server.getLocalPort());
    }

    @Test
    void aCertificateForAnotherNameFails() {
        assertThatThrownBy(() -> check("other.test").check())
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("other.test");
        assertThat(requests).isEmpty();
    }

    private HttpCheck check(String host) {
        URI url = URI.create("https://" + host + ":" + server.getLocalPort() + "/");
        return new HttpCheck(
                new Probe.Target.Http(url, Optional.empty()), Duration.ofSeconds(20), _ -> List.of(REFUSING, LOOPBACK));
    }

    private void acceptAll() {
        while (!server.isClosed()) {
            try (SSLSocket client = (SSLSocket) server.accept()) {
                client.startHandshake();
                ((ExtendedSSLSession) client.getSession())
                        .getRequestedServerNames()
                        .forEach(name -> serverNames.add(new String(name.getEncoded())));
                TestServer.requestOf(client)
                        .lines()
                        .filter(line -> line.startsWith("Host: "))
                        .forEach(requests::add);
                TestServer.write(client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            } catch (IOException refusedOrClosed) {
                // the client did not accept the certificate, or the test is over
            }
        }
    }

    private SSLContext context() throws Exception {
        Path file = directory.resolve("keys");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "guard",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=guard",
                        "-ext",
                        "san=dns:guard.test",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("guard", keys.getCertificate("guard"));
        KeyManagerFactory ours = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        ours.init(keys, PASSWORD);
        TrustManagerFactory theirs = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        theirs.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(ours.getKeyManagers(), theirs.getTrustManagers(), null);
        return context;
    }
}
