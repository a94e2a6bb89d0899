package dev.claudebottle.sidecar.supervisor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.claudebottle.sidecar.bundle.BuiltInBundle;
import dev.claudebottle.sidecar.lifecycle.BundleState;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlSocketTest {

    private static final BundleState STATE = BundleState.initial(BuiltInBundle.get(), 0);

    @TempDir
    Path directory;

    @Test
    void nobodyWaitsForASocketThatIsServedNoLonger() throws IOException {
        // Given: a state that can't be read any more once somebody has asked
        List<RestartRequest> asked = new ArrayList<>();
        Path path = directory.resolve("control.sock");
        ControlSocket socket = new ControlSocket(path.toString(), () -> stateUnless(!asked.isEmpty()), asked::add);
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        try (SocketChannel client = SocketChannel.open(address)) {
            client.write(ByteBuffer.wrap("restart egress\n".getBytes(US_ASCII)));
            client.configureBlocking(false);

            // When
            assertThatThrownBy(socket::serve).hasMessage("broken");

            // Then
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
            assertThatThrownBy(() -> SocketChannel.open(address)).isInstanceOf(ConnectException.class);
        }
    }

    private static BundleState stateUnless(boolean broken) {
        if (broken) {
            throw new IllegalStateException("broken");
        }
        return STATE;
    }
}
