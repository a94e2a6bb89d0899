package dev.claudebottle.sidecar.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** Takes the program's stdout and keeps only a checksum of the lines of each label. */
final class LineDigests extends OutputStream {

    private final Map<String, MessageDigest> digests = new HashMap<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** The checksum of lines given as bytes. */
    static String of(byte[] bytes) {
        MessageDigest digest = sha256();
        digest.update(bytes);
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The checksum of all lines of this daemon. Call it once, at the end. */
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
