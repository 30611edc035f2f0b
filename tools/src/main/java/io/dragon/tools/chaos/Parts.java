package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.DeadSystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;

/**
 * The processes of a run, on one host or many, and the folder of their configuration, logs and archives: they are started, waited for, mended and ended
 * together, the cameras first. One thread.
 */
final class Parts implements AutoCloseable {
    /** Of a worker, for {@code DRAGON_HEAP_OPTS}. */
    static final String WORKER_HEAP = "-Xmx128m -XX:+UseSerialGC";

    private static final long START_SECONDS = 150;
    private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final SystemAccess access;
    private final Path state;
    private final LivenessLock stateLock;
    private final List<Part> servers = new ArrayList<>();
    private final List<Part> publishers = new ArrayList<>();
    private boolean keepsState;

    /**
     * No processes yet.
     *
     * @param access which says when the run is to end.
     * @throws IOException when the folder cannot be made.
     */
    Parts(final SystemAccess access) throws IOException {
        this.access = access;
        state = Files.createTempDirectory(
                DeadSystems.CHAOS_PREFIX + ProcessHandle.current().pid() + '-');
        stateLock = LivenessLock.acquire(state.resolve(DeadSystems.LOCK));
    }

    Path state() {
        return state;
    }

    /** Where the members of the masters keep what they must not lose. */
    Path masters() {
        return state.resolve("masters");
    }

    /** Leaves the logs where they are. */
    void keepState() {
        keepsState = true;
    }

    /** Adds a process that is no camera, started later. */
    Part add(
            final List<String> prefix,
            final String name,
            final Map<String, String> environment,
            final String heap,
            final List<String> arguments) {
        final Part part = new Part(prefix, name, state, environment, heap, arguments);
        servers.add(part);
        return part;
    }

    /** Adds the cameras, started later. */
    void addCameras(
            final List<String> prefix,
            final String name,
            final Map<String, String> environment,
            final ChaosSettings settings,
            final int frameLength) {
        for (int i = 0; i < settings.publishers(); i++) {
            publishers.add(new Part(
                    prefix,
                    name + (i + 1),
                    state,
                    environment,
                    "128m",
                    List.of(
                            "chaos-cameras",
                            "--first=" + i * ChaosSettings.CAMERAS_PER_PUBLISHER,
                            "--count=" + ChaosSettings.CAMERAS_PER_PUBLISHER,
                            "--fps=" + settings.fps(),
                            "--length=" + frameLength)));
        }
    }

    List<Part> publishers() {
        return publishers;
    }

    /** Everything, the cameras last. */
    List<Part> all() {
        final List<Part> all = new ArrayList<>(servers);
        all.addAll(publishers);
        return all;
    }

    /** Whether everything that was started runs. */
    boolean isRunning() {
        return all().stream().allMatch(each -> each.startedNs() == 0 || each.isRunning());
    }

    /** A part that ends while the cluster starts is no fault of ours, and ends the run with its last words. */
    void checkAlive() {
        all().stream().filter(each -> each.process() != null).forEach(each -> each.process()
                .checkAlive());
    }

    /** Starts one that has ended by itself; its name, null when there was none. */
    String mend() {
        for (final Part part : all()) {
            if (part.mend()) {
                return part.name();
            }
        }
        return null;
    }

    /** Waits for what a start brings about. */
    void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!condition.getAsBoolean()) {
            if (access.isStopRequested()) {
                throw new DragonException("The run was stopped.");
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new DragonException(
                        DragonException.FAILED, "Not there within " + START_SECONDS + " s: " + what + '.');
            }
            LockSupport.parkNanos(LOOK_NS);
        }
    }

    /** Starts the cameras; their party ids. */
    int[] startCameras() {
        publishers.forEach(Part::start);
        final List<Integer> ids = new ArrayList<>();
        for (final Part publisher : publishers) {
            for (final String id : publisher
                    .process()
                    .awaitLine("cameras", START_SECONDS, TimeUnit.SECONDS)
                    .split(" ")) {
                ids.add(Integer.parseInt(id));
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Lets the cameras begin at a time of the day. */
    void runCameras(final long startMs) {
        publishers.stream().map(Part::process).forEach(each -> each.tell("run " + startMs));
    }

    /** Returns when the cameras are quiet. */
    void pauseCameras() {
        for (final Part publisher : publishers) {
            final ChildProcess process = publisher.process();
            process.tell("pause");
            process.awaitLine("paused", START_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Ends the cameras, then whatever the caller ends, then everything else. */
    void end(final AutoCloseable client) {
        publishers.forEach(Part::terminate);
        CloseHelper.quietClose(client);
        final List<Part> all = all();
        all.forEach(Part::terminate);
        for (int i = all.size() - 1; i >= 0; i--) {
            all.get(i).close();
        }
    }

    /** Removes the folder, or what is large in it. */
    @Override
    public void close() {
        stateLock.close();
        IoUtil.delete((keepsState ? masters() : state).toFile(), true);
    }
}
