package dev.claudebottle.sidecar.it.containers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program in the agent's container that calls models by the SDKs of its language. It lives until it is closed. */
final class SdkAgent implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 90;

    private final Process process;
    private final BufferedReader results;

    SdkAgent(ComposeStack stack, String... command) throws IOException {
        process = stack.startInAgent(command);
        results = process.inputReader(UTF_8);
    }

    /** The result of one call, or the error as the SDK reports it. src/it/containers/sdk/agent.py explains both. */
    JsonObject call(JsonObject call) {
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> {
            try {
                process.getOutputStream().write((call.encode() + "\n").getBytes(UTF_8));
                process.getOutputStream().flush();
                return results.readLine();
            } catch (IOException e) {
                throw new IllegalStateException("cannot call an SDK", e);
            }
        });
        String result = line.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        assertThat(result).as("the result of %s", call).isNotNull();
        return new JsonObject(result);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
