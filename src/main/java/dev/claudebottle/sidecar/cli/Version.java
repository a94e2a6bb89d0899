package dev.claudebottle.sidecar.cli;

import dev.claudebottle.sidecar.http.ProgramVersion;
import java.io.IOException;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() throws IOException {
        return new String[] {"sidecar-init " + ProgramVersion.read()};
    }
}
