package dev.claudebottle.sidecar.it.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The operator's keys, and the files by which egress gets them: {@code secrets/anthropic} and {@code hosts/credentials.yaml}. */
final class OperatorKeys {

    static final String ANTHROPIC_ENTRY = """
            - {host: api.anthropic.com, header: x-api-key, value_file: /run/secrets/anthropic, remove_query: [key]}
            """;
    static final String OPENAI_ENTRY = """
            - host: api.openai.com
              header: Authorization
              format: "Bearer {}"
              value_env: OPENAI_API_KEY
              remove_query: [key]
            """;
    static final String LIMITED_ENTRY = """
            - host: limited.test
              header: x-api-key
              value_env: OPENAI_API_KEY
              methods: [POST]
              paths: [/v1/messages]
              requests_per_minute: 2
            """;

    private final Path scratch;
    private final String openAi = random("sk-proj-", "");
    private final List<String> anthropic = new ArrayList<>(); // the last one counts

    OperatorKeys(Path scratch) throws IOException {
        this.scratch = scratch;
        Files.createDirectories(scratch.resolve("secrets"));
        Files.createDirectories(scratch.resolve("hosts"));
        writeEntries(ANTHROPIC_ENTRY, OPENAI_ENTRY, LIMITED_ENTRY);
        rotateAnthropic();
    }

    String openAi() {
        return openAi;
    }

    String anthropic() {
        return anthropic.getLast();
    }

    void rotateAnthropic() {
        anthropic.add(randomAnthropic());
        writeAnthropic(anthropic());
    }

    /** Replaces the file, as operators should, so that no half of it can be read. */
    void writeAnthropic(String value) {
        try {
            Files.writeString(scratch.resolve("secrets/new"), value);
        } catch (IOException e) {
            throw new IllegalStateException("cannot write a secret", e);
        }
        ComposeStack.inImage(scratch, "cd secrets && chown mitmproxy new && chmod 400 new && mv new anthropic");
    }

    void writeEntries(String... entries) throws IOException {
        Files.writeString(scratch.resolve("hosts/credentials.yaml"), String.join("", entries));
    }

    /** All that ever counted, by a name that is no secret. */
    Map<String, String> all() {
        Map<String, String> all = new HashMap<>(Map.of("key0", openAi));
        anthropic.forEach(key -> all.put("key" + all.size(), key));
        return all;
    }

    static String randomAnthropic() {
        return random("sk-ant-api03-", "AA");
    }

    /** A key as its host makes them, here at random, so that no secret scanner reports this file. */
    private static String random(String start, String end) {
        String characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return new SecureRandom()
                .ints(93, 0, characters.length())
                .mapToObj(i -> characters.substring(i, i + 1))
                .collect(Collectors.joining("", start, end));
    }
}
