package io.dragon.tools;

import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.cluster.CommandPulse;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.tools.process.ChildProcess;
import io.dragon.tools.process.PortClaim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;

/** Masters as processes of their own, from one configuration file, to be killed and started again. */
final class Masters implements AutoCloseable {
    private static final long AWAIT_NS = TimeUnit.SECONDS.toNanos(60);

    final Path folder;
    final Path file;
    private final DragonDirectory shared;
    private final PortClaim ports;
    private final ChildProcess[] processes;
    private MediaDriverNode driver;

    Masters(final int count, final String profile, final String more) throws IOException {
        final Path memory = Path.of("/dev/shm");
        shared = DragonDirectory.of(Files.createTempDirectory(memory, "dragon-masters-"));
        folder = Files.createTempDirectory("dragon-masters-");
        ports = PortClaim.claim(12_000, 13_000, count);
        file = folder.resolve("dragon.yaml");
        Files.writeString(
                file,
                "dragon:\n  dir: \"" + shared.path() + "\"\nmasters:\n  directory: \"" + folder.resolve("data")
                        + "\"\n  base_port: " + ports.first() + "\n  members: ["
                        + String.join(", ", Collections.nCopies(count, "localhost")) + "]\n" + more
                        + "timeouts:\n  profile: " + profile + "\n");
        processes = new ChildProcess[count];
    }

    Masters start() {
        for (int i = 0; i < processes.length; i++) {
            start(i);
        }
        return this;
    }

    void start(final int member) {
        CloseHelper.close(processes[member]);
        processes[member] = ChildProcess.start(
                "master-" + member,
                folder,
                Map.of("DRAGON_CONF", file.toString()),
                "256m",
                List.of("master", "--member", Integer.toString(member)));
    }

    ChildProcess process(final int member) {
        return processes[member];
    }

    DragonConfig config() {
        return DragonConfig.loader().environment(Map.of()).file(file).load();
    }

    Path shared() {
        return shared.path();
    }

    Path data(final int member) {
        return folder.resolve("data").resolve("member-" + member);
    }

    String log(final int member) {
        try {
            return Files.readString(folder.resolve("master-" + member + ".log"), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    /** The number of the one that leads; waits for it. */
    int awaitLeader() {
        final int[] leader = {-1};
        await("a leader", () -> (leader[0] = leader()) >= 0);
        return leader[0];
    }

    private int leader() {
        for (final MasterCounters master : MasterCounters.of(config())) {
            if (isInPlace(master) && master.role().equals("leader")) {
                return master.id();
            }
        }
        return -1;
    }

    /** Every master leads or follows. */
    void awaitWhole() {
        await("every master in its place", () -> {
            int leaders = 0;
            for (final MasterCounters master : MasterCounters.of(config())) {
                if (!isInPlace(master)) {
                    return false;
                }
                leaders += master.role().equals("leader") ? 1 : 0;
            }
            return leaders == 1;
        });
    }

    private boolean isInPlace(final MasterCounters master) {
        return processes[master.id()] != null
                && processes[master.id()].isAlive()
                && master.election().equals("closed");
    }

    void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + AWAIT_NS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                final StringBuilder logs = new StringBuilder();
                for (int i = 0; i < processes.length; i++) {
                    logs.append('\n').append(processes[i] == null ? "not started" : log(i));
                }
                throw new AssertionError("waited in vain for " + what + logs);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** How a client in this process reaches them, over a media driver of this host. */
    ClusterSession.Context session() {
        final DragonConfig config = config();
        if (driver == null) {
            driver = MediaDriverNode.launch(new MediaDriverNode.Context()
                    .directory(shared.create().aeron())
                    .timeouts(config.timeouts()));
        }
        return new ClusterSession.Context()
                .aeronDirectoryName(driver.aeronDirectoryName())
                .ingressEndpoints(ClusterAccess.ingressEndpoints(config))
                .timeouts(config.timeouts());
    }

    CommandPulse pulse(final int commandsPerSecond) {
        final CommandPulse pulse = new CommandPulse(session(), "pulse", commandsPerSecond);
        await("commands", () -> pulse.sequenced() > 0);
        return pulse;
    }

    @Override
    public void close() {
        for (final ChildProcess process : processes) {
            if (process != null) {
                process.terminate();
            }
        }
        CloseHelper.closeAll(processes);
        CloseHelper.closeAll(driver, ports);
        IoUtil.delete(shared.path().toFile(), true);
        IoUtil.delete(folder.toFile(), true);
    }
}
