package dev.claudebottle.sidecar.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Loads the web server's classes while the server starts, in the order in which the training of the class archives saw
 * them, so that the server is ready sooner (decision 0006 has the figures). Classes are loaded and not initialised, so
 * that Quarkus sets everything up in its own order.
 */
final class ClassPreload {

    /** Train.java writes it beside the jar, one name a line. */
    private static final Path LIST =
            Path.of(System.getProperty("java.class.path")).resolveSibling("server.classes");

    private ClassPreload() {}

    /** Returns at once. */
    static void begin() {
        try {
            Thread.ofPlatform().name("class-preload").daemon().start(ClassPreload::load);
        } catch (OutOfMemoryError noThread) {
            // the server loads its classes itself
        }
    }

    private static void load() {
        try {
            Files.readAllLines(LIST).forEach(ClassPreload::load);
        } catch (IOException noList) {
            // the server loads its classes itself
        }
    }

    private static void load(String name) {
        try {
            Class.forName(name, false, ClassPreload.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError outdated) {
            // the list is that of another build
        }
    }
}
