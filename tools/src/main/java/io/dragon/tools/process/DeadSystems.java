package io.dragon.tools.process;

import io.aeron.CommonContext;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.worker.EmbeddedDragon;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agrona.IoUtil;

/**
 * Takes away what systems left that lived in one command and were killed with -9: nobody else ever meets their folders.
 * A folder is left alone while its process or a media driver in it lives.
 */
public final class DeadSystems {
    /** How the folders for temporary files of a demo begin; the process id follows. */
    public static final String DEMO_PREFIX = "dragon-demo-";

    /** How the folders for temporary files of a chaos run begin; the process id follows. */
    public static final String CHAOS_PREFIX = "dragon-chaos-";

    /** Held in such a folder while its owner lives; a folder without one is kept for its logs. */
    public static final String LOCK = "owner.lock";

    private static final Pattern SHARED = Pattern.compile("-(?:(?:demo|chaos)-(\\d{1,18})|embedded-(\\d{1,18})-\\d+)");
    private static final long DRIVER_ALIVE_MS = 10_000;

    private DeadSystems() {}

    /** Looks beside the default shared folder, and among the temporary files. Failures do not matter: the next one tries again. */
    public static void sweep() {
        sweep(DragonDirectory.byDefault().path(), Path.of(System.getProperty("java.io.tmpdir")));
    }

    /**
     * Looks in other places.
     *
     * @param shared    a shared folder; those beside it that begin with its name are looked at.
     * @param temporary the folder for temporary files.
     */
    public static void sweep(final Path shared, final Path temporary) {
        for (final Path folder : find(shared, temporary)) {
            try {
                IoUtil.delete(folder.toFile(), true);
            } catch (final RuntimeException ignored) { // somebody else sweeps too
                continue;
            }
        }
    }

    /**
     * What there would be to take away.
     *
     * @param shared    as for {@link #sweep(Path, Path)}.
     * @param temporary as for {@link #sweep(Path, Path)}.
     * @return folders, those in shared memory first.
     */
    public static List<Path> find(final Path shared, final Path temporary) {
        final List<Path> dead = new ArrayList<>();
        final String name = shared.getFileName().toString();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(
                shared.resolveSibling(""), path -> path.getFileName().toString().startsWith(name + '-'))) {
            for (final Path folder : folders) {
                final Matcher matcher =
                        SHARED.matcher(folder.getFileName().toString().substring(name.length()));
                if (matcher.matches() && isOurs(folder)) {
                    final String pid = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
                    if (ProcessHandle.of(Long.parseLong(pid)).isEmpty() && !hasDriver(folder)) {
                        dead.add(folder);
                    }
                }
            }
        } catch (final IOException | RuntimeException ignored) {
            // somebody else sweeps too, or may not look here
        }
        find(temporary, DEMO_PREFIX, LOCK, dead);
        find(temporary, CHAOS_PREFIX, LOCK, dead);
        find(temporary, EmbeddedDragon.TEMPORARY_PREFIX, EmbeddedDragon.TEMPORARY_LOCK, dead);
        return dead;
    }

    private static void find(final Path temporary, final String prefix, final String lockName, final List<Path> dead) {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, prefix + '*')) {
            for (final Path folder : folders) {
                final Path lock = folder.resolve(lockName);
                if (isOurs(folder) && Files.exists(lock) && !LivenessLock.isHeld(lock)) {
                    dead.add(folder);
                }
            }
        } catch (final IOException | RuntimeException ignored) {
            // as above
        }
    }

    private static boolean isOurs(final Path folder) throws IOException {
        return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName().equals(System.getProperty("user.name"));
    }

    private static boolean hasDriver(final Path folder) throws IOException {
        try (DirectoryStream<Path> drivers = Files.newDirectoryStream(folder, "aeron*")) {
            for (final Path driver : drivers) {
                if (Files.isDirectory(driver)
                        && CommonContext.isDriverActive(driver.toFile(), DRIVER_ALIVE_MS, text -> {})) {
                    return true;
                }
            }
            return false;
        }
    }
}
