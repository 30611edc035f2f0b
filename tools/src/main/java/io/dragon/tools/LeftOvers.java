package io.dragon.tools;

import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.node.PartyCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The last process of a system takes the folder in shared memory away: lock files that nobody holds, then folders that are
 * empty. While a media driver runs nothing is touched, and a frame pool is never.
 */
final class LeftOvers {
    private static final List<String> LOCK_FOLDERS = List.of("workers", "parties", "tools");

    private LeftOvers() {}

    /** Tidies up as far as nobody needs it; failures do not matter, the next process tries again. */
    static void remove(final DragonConfig config) {
        final Path folder = config.dragonDir();
        final List<Path> drivers = drivers(folder);
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                || ClusterAccess.isDriverActive(ClusterAccess.aeronDirectory(config), config.timeouts())
                || drivers.stream().anyMatch(driver -> ClusterAccess.isDriverActive(driver, config.timeouts()))) {
            return;
        }
        for (final Path driver : drivers) { // of a killed one, which could not do it itself
            MediaDriverNode.removeDead(driver, config.timeouts());
        }
        for (final String name : LOCK_FOLDERS) {
            removeFreeLocks(folder.resolve(name));
            delete(folder.resolve(name));
        }
        RunningMasters.forget(folder);
        delete(folder.resolve("pools"));
        delete(folder);
    }

    /** The directories of media drivers in a shared folder. */
    static List<Path> drivers(final Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("aeron(-[0-9]|-tool-[0-9]+)?")
                            && Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        } catch (final IOException ex) {
            return List.of();
        }
    }

    private static void removeFreeLocks(final Path folder) {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (final Path file :
                    files.filter(path -> path.toString().endsWith(".lock")).toList()) {
                removeIfFree(file);
            }
            for (final Path card : cards(folder)) {
                if (!LivenessLock.isHeld(PartyCard.lockBeside(card))) {
                    delete(card);
                }
            }
        } catch (final IOException ignored) { // another process tidies up too
            return;
        }
    }

    /** What parties that ended without a master left. */
    private static List<Path> cards(final Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> path.toString().endsWith(PartyCard.SUFFIX))
                    .toList();
        }
    }

    private static void removeIfFree(final Path file) {
        LivenessLock.whileFree(
                file, () -> {}); // without this process's id in it: stopped meanwhile, it would pass for its holder
    }

    private static void delete(final Path folder) {
        try {
            Files.deleteIfExists(folder);
        } catch (final IOException ignored) { // not empty, or not there
            return;
        }
    }
}
