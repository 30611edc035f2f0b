package io.dragon.tools.chaos;

import io.dragon.engine.config.DragonException;
import io.dragon.tools.process.ChildProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One process of the cluster, which may be killed, stopped and started again under the same name. One thread. */
final class Part implements Strikable, AutoCloseable {
    private static final long MEND_NS = 1_000_000_000L;

    private final List<String> prefix;
    private final String name;
    private final Path directory;
    private final Map<String, String> environment;
    private final String heap;
    private final List<String> arguments;
    private ChildProcess process;
    private boolean isWanted;
    private boolean isStopped;
    private long startedNs;
    private long endedNs;
    private int endedByItself;

    Part(
            final List<String> prefix,
            final String name,
            final Path directory,
            final Map<String, String> environment,
            final String heap,
            final List<String> arguments) {
        this.prefix = prefix;
        this.name = name;
        this.directory = directory;
        this.environment = environment;
        this.heap = heap;
        this.arguments = arguments;
    }

    @Override
    public String name() {
        return name;
    }

    ChildProcess process() {
        return process;
    }

    /** {@link System#nanoTime} of its last start. */
    long startedNs() {
        return startedNs;
    }

    boolean isRunning() {
        return process != null && process.isAlive();
    }

    @Override
    public void start() {
        if (process != null) {
            process.close();
        }
        process = ChildProcess.start(prefix, name, directory, environment, heap, arguments);
        startedNs = System.nanoTime();
        endedNs = 0;
        isWanted = true;
        isStopped = false;
    }

    @Override
    public void kill() {
        isWanted = false;
        process.kill();
    }

    /** It may end, by whatever hand, without being started again. */
    void abandon() {
        isWanted = false;
    }

    @Override
    public void pause() {
        isStopped = true;
        process.signal("STOP");
    }

    @Override
    public void goOn() {
        if (isStopped) {
            isStopped = false;
            process.signal("CONT");
        }
    }

    /** Starts it again a second after it ended though nobody wanted it to, as a service manager does; true when it did. */
    boolean mend() {
        if (!isWanted || isRunning()) {
            return false;
        }
        final long nowNs = System.nanoTime();
        if (endedNs == 0) {
            endedNs = nowNs;
        }
        if (nowNs - endedNs < MEND_NS) {
            return false;
        }
        endedByItself++;
        start();
        return true;
    }

    /** How often it ended without having been killed. */
    int endedByItself() {
        return endedByItself;
    }

    void terminate() {
        isWanted = false;
        if (process != null) {
            goOn();
            process.terminate();
        }
    }

    @Override
    public void close() {
        terminate();
        if (process != null) {
            try {
                process.close();
            } catch (final DragonException ignored) { // it is gone, which is what was wanted
                return;
            }
        }
    }
}
