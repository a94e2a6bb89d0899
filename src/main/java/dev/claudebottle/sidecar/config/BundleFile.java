package dev.claudebottle.sidecar.config;

import dev.claudebottle.sidecar.bundle.Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A bundle in a YAML file. */
final class BundleFile {

    /** Any real bundle is far smaller; /dev/zero is not. */
    private static final int LARGEST = 1 << 20;

    private BundleFile() {}

    /**
     * Reads and validates the whole file, and reports every error.
     *
     * @return what could be read; not to be used after an error
     */
    static Optional<Bundle> read(String file, ConfigErrors errors) {
        return bytes(file, errors)
                .flatMap(bytes -> YamlDocument.parse(file, bytes, errors))
                .flatMap(BundleReader::read);
    }

    private static Optional<byte[]> bytes(String file, ConfigErrors errors) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length <= LARGEST) {
                return Optional.of(bytes);
            }
            errors.inFile(file, "larger than 1 MiB");
        } catch (InvalidPathException e) {
            errors.inFile(file, e.getReason());
        } catch (IOException e) {
            errors.inFile(file, cause(e));
        }
        return Optional.empty();
    }

    /** The JDK gives only the file's name as the message for the two most common causes. */
    private static String cause(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "No such file or directory";
            case AccessDeniedException _ -> "Permission denied";
            case FileSystemException f when f.getReason() != null -> f.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }
}
