package dev.claudebottle.sidecar.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {

    private static final String NOT_OURS = "a file is in its place that is no socket of ours";

    @TempDir
    Path directory;

    /** That nobody listens on any more. */
    private Path staleSocket() throws IOException {
        Path socket = directory.resolve("stale.sock");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();
        return socket;
    }

    @Test
    void aLinkInItsPlaceIsLeftAlsoWhenItLeadsToAStaleSocket() throws IOException {
        // Given
        Path link = Files.createSymbolicLink(directory.resolve("link"), staleSocket());

        // Then
        assertThatThrownBy(() -> UnixSocket.listen(link.toString())).hasMessage(NOT_OURS);
        assertThat(link).isSymbolicLink().exists();
    }

    @Test
    void aStaleSocketOfAnotherUserIsLeft() throws IOException {
        assumeTrue(UnixSocket.ourUid() == 0, "only root can give a file to another user");

        // Given
        Path socket = staleSocket();
        Files.setAttribute(socket, "unix:uid", 54327);

        // Then
        assertThatThrownBy(() -> UnixSocket.listen(socket.toString())).hasMessage(NOT_OURS);
        assertThat(socket).exists();
    }

    @Test
    void theLongestPathIsOf107Bytes() throws IOException {
        // Given
        int left = 107 - (directory + "/").length();
        String path = directory.resolve("x".repeat(left)).toString();

        // When
        int listener = UnixSocket.listen(path);
        int client = UnixSocket.connect(path);
        int server = UnixSocket.accept(listener);

        // Then
        assertThat(Path.of(path)).exists();
        assertThat(UnixSocket.isTrusted(server)).isTrue();
        for (int descriptor : new int[] {server, client, listener}) {
            Descriptors.close(descriptor);
        }
    }
}
