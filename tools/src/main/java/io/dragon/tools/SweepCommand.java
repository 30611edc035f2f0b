package io.dragon.tools;

import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.frame.PoolJanitor;
import io.dragon.engine.frame.PoolStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dragon sweep}: what {@code dragon-stop} ends with. */
@Command(
        name = "sweep",
        hidden = true,
        description = "Removes from the shared folder what nobody alive holds, and says what is left and why.",
        footer = {"", "While a media driver runs there it removes nothing: the node agent does it then."})
final class SweepCommand extends DragonCommand {
    @Mixin
    ConfigOptions options;

    @Override
    protected int run() {
        final DragonConfig config = options.loader().load();
        LeftOvers.remove(config);
        if (!Files.isDirectory(config.dragonDir())) {
            return ExitCode.OK;
        }
        if (LeftOvers.isAnyDriverActive(config)) {
            say(config.dragonDir() + " is left: a media driver of it runs");
            return ExitCode.OK;
        }
        final PoolJanitor janitor = new PoolJanitor(ConfigOptions.directory(config));
        final boolean hasMasters = hasMasters(config.masters().directory());
        int promised = 0;
        for (final long poolId : janitor.pools()) {
            if (janitor.isOwnerAlive(poolId)) {
                final PoolStatus status = janitor.status(poolId);
                if (status != null) {
                    say("a frame pool of " + status.ownerName() + " (process " + status.ownerPid()
                            + ", which runs) is left");
                }
                continue;
            }
            janitor.sweep(poolId);
            if (janitor.isRead(poolId)) {
                final PoolStatus status = janitor.status(poolId);
                if (status != null) {
                    say("a frame pool of " + status.ownerName() + " is left: it is read by "
                            + String.join(", ", status.readers()));
                }
            } else if (hasMasters && janitor.isHeld(poolId)) {
                promised++;
            } else {
                janitor.delete(poolId);
            }
        }
        janitor.removeLeftovers();
        LeftOvers.remove(config);
        if (promised > 0) {
            say(promised + (promised == 1 ? " frame pool is" : " frame pools are")
                    + " left: the master of this host has taken work on frames in there, and goes on with it at the next start."
                    + " To give that up, remove " + config.masters().directory() + " and " + config.dragonDir());
        } else if (Files.isDirectory(config.dragonDir())) {
            say(config.dragonDir() + " is left, because something else uses it");
        }
        return ExitCode.OK;
    }

    /** Whether masters of this host remember anything; one that runs now is of another host that shares the folder. */
    private static boolean hasMasters(final Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("member-")
                    && !LivenessLock.isHeld(file.resolve("master.lock")));
        } catch (final IOException ex) { // none ever ran
            return false;
        }
    }
}
