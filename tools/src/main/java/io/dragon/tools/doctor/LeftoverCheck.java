package io.dragon.tools.doctor;

import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.tools.process.DeadSystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What processes left that were killed with -9, in the shared folder and beside it. */
final class LeftoverCheck implements Check {
    @Override
    public String name() {
        return "leftovers";
    }

    @Override
    public List<Finding> look(final Host host, final Needs needs) {
        final List<Finding> found = new ArrayList<>();
        final DragonDirectory directory =
                DragonDirectory.of(host.path(needs.directory().path().toString()));
        shared(needs, directory, found);
        final List<Path> dead = DeadSystems.find(
                host.path(DragonDirectory.byDefault().path().toString()), host.path(host.property("java.io.tmpdir")));
        if (!dead.isEmpty()) {
            found.add(Finding.warning(
                    name(),
                    dead.size() + (dead.size() == 1 ? " folder" : " folders") + " of systems that were killed, "
                            + Words.bytes(bytes(dead)),
                    "none",
                    "rm -r" + words(dead) + " (the next dragon demo or analyze removes them, too)"));
        }
        if (found.isEmpty()) {
            found.add(Finding.ok(name(), "nothing that a killed process has left"));
        }
        return found;
    }

    private void shared(final Needs needs, final DragonDirectory directory, final List<Finding> found) {
        if (!Files.isDirectory(directory.path(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        final long living = files(directory.path())
                .filter(file -> file.toString().endsWith(".lock"))
                .filter(LeftoverCheck::isHeld)
                .count();
        if (living > 0 || isDriven(needs, directory)) {
            found.add(Finding.ok(name(), "Dragon runs here, and looks after " + directory.path() + " itself"));
            return;
        }
        final long pools = files(directory.pools())
                .filter(file -> !file.toString().endsWith(".lock"))
                .count();
        final long bytes = bytes(List.of(directory.path()));
        if (bytes > 0) {
            found.add(Finding.warning(
                    name(),
                    directory.path() + ": " + Words.bytes(bytes) + (pools == 0 ? "" : ", " + pools + " frame pools")
                            + " of processes that were killed; nothing runs there",
                    "nothing",
                    "rm -r " + directory.path()));
        }
    }

    private static boolean isHeld(final Path file) {
        try {
            return LivenessLock.isHeld(file);
        } catch (final RuntimeException ex) { // removed meanwhile, or another user's
            return false;
        }
    }

    private static boolean isDriven(final Needs needs, final DragonDirectory directory) {
        final List<Path> drivers = new ArrayList<>(List.of(needs.aeronDirectory()));
        try (Stream<Path> files = Files.list(directory.path())) {
            files.filter(file -> file.getFileName().toString().startsWith("aeron") && Files.isDirectory(file))
                    .forEach(drivers::add);
        } catch (final IOException ignored) { // gone meanwhile
            return false;
        }
        return drivers.stream()
                .anyMatch(driver -> Files.isDirectory(driver)
                        && MediaDriverNode.isActive(driver, needs.config().timeouts()));
    }

    private static String words(final List<Path> folders) {
        final StringBuilder words = new StringBuilder();
        folders.forEach(folder -> words.append(' ').append(folder));
        return words.toString();
    }

    private static long bytes(final List<Path> folders) {
        return folders.stream()
                .flatMap(LeftoverCheck::files)
                .mapToLong(file -> {
                    try {
                        return Files.size(file);
                    } catch (final IOException ex) {
                        return 0;
                    }
                })
                .sum();
    }

    private static Stream<Path> files(final Path folder) {
        final List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .forEach(files::add);
        } catch (final IOException | java.io.UncheckedIOException ignored) {
            return files.stream();
        }
        return files.stream();
    }
}
