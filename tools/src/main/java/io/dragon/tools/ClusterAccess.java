package io.dragon.tools;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.engine.node.DiscoveryContext;
import io.dragon.engine.node.MasterSearch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.slf4j.Logger;

/** The way of a command to the masters of its configuration: one client, whose name is its own while it runs. */
final class ClusterAccess implements AutoCloseable {
    /** Commands that look at a system at once; their names are few, because the masters remember every name. */
    private static final int MAX_LOOKERS = 64;

    private static final long DRIVER_LOOK_MS = 200;

    /** Whoever knows the masters answers at once: this is for an answer that was lost. */
    private static final long SEARCH_NS = 1_500_000_000;

    private final DragonConfig config;
    private final LivenessLock slot;
    private final MediaDriverNode driver;
    private final DragonClient client;

    private ClusterAccess(
            final DragonConfig config,
            final LivenessLock slot,
            final MediaDriverNode driver,
            final DragonClient client) {
        this.config = config;
        this.slot = slot;
        this.driver = driver;
        this.client = client;
    }

    /**
     * Connects.
     *
     * @param config  the configuration.
     * @param timeout how long to wait for a master.
     * @throws DragonException in words: nothing runs here (1), or no master answers (4).
     */
    static ClusterAccess connect(final DragonConfig config, final Duration timeout) {
        final String endpoints = find(config);
        if (endpoints == null) {
            requireDriver(config);
        }
        for (int i = 0; i < MAX_LOOKERS; i++) {
            final Path file = config.dragonDir().resolve("tools").resolve("tool-" + i + ".lock");
            final LivenessLock slot = LivenessLock.isHeld(file) ? null : reserve(file);
            if (slot != null) {
                return connect(config, endpoints, timeout, "tool-" + i, slot);
            }
        }
        throw new DragonException(
                "More than " + MAX_LOOKERS + " commands look at this system at once: wait for one to end.");
    }

    private static ClusterAccess connect(
            final DragonConfig config,
            final String endpoints,
            final Duration timeout,
            final String name,
            final LivenessLock slot) {
        MediaDriverNode driver = null;
        try {
            driver = ownDriver(config, endpoints);
            final ClientContext context =
                    context(config).ingressEndpoints(endpoints).name(name).connectTimeout(timeout);
            if (driver != null) {
                context.aeronDirectoryName(driver.aeronDirectoryName());
            }
            return new ClusterAccess(config, slot, driver, DragonClient.connect(context));
        } catch (final DragonException ex) {
            CloseHelper.quietCloseAll(driver, slot);
            throw ex.exitCode() == DragonException.TIMED_OUT ? noAnswer(config, endpoints, timeout) : ex;
        } catch (final RuntimeException ex) {
            CloseHelper.quietCloseAll(driver, slot);
            throw ex;
        }
    }

    /** What the user of a command can do about it; the name that the command itself goes by tells him nothing. */
    static DragonException noAnswer(final DragonConfig config, final String endpoints, final Duration timeout) {
        final String where = endpoints == null
                ? "The master of " + ConfigOptions.directory(config) + " did not answer"
                : "None of the masters " + endpoints + " answered";
        return new DragonException(
                DragonException.TIMED_OUT,
                where + " within " + timeout.toMillis() / 1e3
                        + " s: "
                        + (endpoints == null
                                ? "it does not run or is just starting. Look at its log, or try again."
                                : "too few of them run, or they are just starting. Look at their logs, or try again."));
    }

    DragonClient client() {
        return client;
    }

    @Override
    public void close() {
        CloseHelper.quietCloseAll(client, driver, slot);
        if (driver != null) {
            LeftOvers.remove(config);
        }
    }

    /** A client's context with everything that the configuration says. */
    static ClientContext context(final DragonConfig config) {
        return ClientContext.of(config);
    }

    /** The directory of the host's media driver. */
    static Path aeronDirectory(final DragonConfig config) {
        return config.mediaDriver().directory().orElseGet(() -> ConfigOptions.directory(config)
                .aeron());
    }

    /** Where several masters are reached, or one of another host; null for a single one of this host, which is on its driver. */
    static String ingressEndpoints(final DragonConfig config) {
        return ClientContext.of(config).ingressEndpoints();
    }

    /** A media driver for this command alone, where the host has none; null where it has, or where it must. */
    private static MediaDriverNode ownDriver(final DragonConfig config, final String endpoints) {
        if (endpoints == null || isDriverActive(aeronDirectory(config), config.timeouts())) {
            return null;
        }
        final Path shared = ConfigOptions.directory(config).create().path();
        return MediaDriverNode.launch(new MediaDriverNode.Context()
                .directory(
                        shared.resolve("aeron-tool-" + ProcessHandle.current().pid()))
                .runProfile(config.mediaDriver().profile())
                .timeouts(config.timeouts()));
    }

    /** True where a media driver lives in a directory. */
    static boolean isDriverActive(final Path directory, final Timeouts timeouts) {
        return Files.isDirectory(directory) && MediaDriverNode.isActive(directory, timeouts);
    }

    /**
     * Where masters are reached over UDP. Where nobody said it and nothing runs on this host, they are looked for: with a media
     * driver here the client does that itself, if there is no master on it.
     */
    private static String find(final DragonConfig config) {
        final String endpoints = ingressEndpoints(config);
        final DiscoveryContext discovery = NetworkSetup.search(config, line -> {});
        if (endpoints != null || discovery == null || isDriverActive(aeronDirectory(config), config.timeouts())) {
            return endpoints;
        }
        try (MasterSearch search = new MasterSearch(discovery)) {
            return search.find(SEARCH_NS, () -> false);
        }
    }

    /** Says in words that nothing runs, instead of waiting for it; masters of other hosts need no driver here. */
    static void requireDriver(final DragonConfig config) {
        final Path directory = aeronDirectory(config);
        if (ingressEndpoints(config) == null && !isDriverActive(directory, config.timeouts())) {
            throw new DragonException(noDriver(directory));
        }
    }

    /** What to do where none is. */
    static String noDriver(final Path directory) {
        return "No media driver runs in " + directory
                + ": start this host's servers with 'dragon-start', or 'dragon master' alone, or name another folder with --dir.";
    }

    /** Waits for the host's media driver, which may be started later than its processes; says so once. */
    static void awaitDriver(final DragonConfig config, final StopSignal stop, final Logger log)
            throws InterruptedException {
        final Path directory = aeronDirectory(config);
        boolean said = false;
        while (!isDriverActive(directory, config.timeouts())) {
            if (!said) {
                log.info(
                        "waiting for a media driver in {}: 'dragon-start' or 'dragon media-driver' starts one",
                        directory);
                said = true;
            }
            if (stop.await(DRIVER_LOOK_MS, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
    }

    private static LivenessLock reserve(final Path file) {
        try {
            return LivenessLock.acquire(file);
        } catch (final DragonException another) { // somebody was quicker
            return null;
        }
    }
}
