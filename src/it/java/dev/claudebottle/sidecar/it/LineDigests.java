package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** A reader of the program's stdout that keeps nothing of it but, for each label, a checksum of its lines. */
final class LineDigests extends OutputStream {

    private final Map<String, MessageDigest> digests = new HashMap<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** The checksum of a file's bytes is that of its lines. */
    static String of(byte[] bytes) {
        MessageDigest digest = sha256();
        digest.update(bytes);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Of everything that came under this label. To be asked once, at the end. */
    synchronized String of(String daemon) {
        return HexFormat.of().formatHex(digests.get("[" + daemon + "]").digest());
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        int start = from;
        for (int i = from; i < from + length; i++) {
            if (bytes[i] == '\n') {
                line.write(bytes, start, i + 1 - start);
                endLine(line.toByteArray());
                line.reset();
                start = i + 1;
            }
        }
        line.write(bytes, start, from + length - start);
    }

    private void endLine(byte[] bytes) {
        int space = 0;
        while (bytes[space] != ' ') {
            space++;
        }
        String label = new String(bytes, 0, space, ISO_8859_1);
        digests.computeIfAbsent(label, unknown -> sha256()).update(bytes, space + 1, bytes.length - space - 1);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("cannot make checksums", impossible);
        }
    }
}
