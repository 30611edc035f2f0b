package io.dragon.worker;

import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A master as a process of its own, on the host's driver: its directory, shared directory, driver, port. Ends with its standard input. */
final class MasterProcess {
    /** Sessions, workers and drivers that are forgotten sooner than they can be killed and started again, or than a test stops them. */
    static final Timeouts TIMEOUTS = Timeouts.ci()
            .with(Timeouts.Key.SESSION_PROBE, TimeUnit.MILLISECONDS.toNanos(500))
            .with(Timeouts.Key.SESSION_SILENCE, TimeUnit.SECONDS.toNanos(2))
            .with(Timeouts.Key.CLUSTER_SESSION, TimeUnit.SECONDS.toNanos(3))
            .with(Timeouts.Key.PARTY_HEARTBEAT, TimeUnit.MILLISECONDS.toNanos(200))
            .with(Timeouts.Key.WORKER, TimeUnit.SECONDS.toNanos(3))
            .with(Timeouts.Key.DRIVER, TimeUnit.SECONDS.toNanos(5));

    private MasterProcess() {}

    private static void watch(final MasterNode master) {
        String told = "";
        while (true) {
            final String state = master.state();
            if (!state.equals(told)) {
                told = state;
                System.out.println("STATE " + state);
            }
            LockSupport.parkNanos(50_000_000);
        }
    }

    /** With a fifth argument it is that one of three members, each on a driver of its own in the shared directory. */
    public static void main(final String[] args) throws IOException {
        final MasterContext ctx = new MasterContext()
                .directory(Path.of(args[0]))
                .dragonDirectory(Path.of(args[1]))
                .basePort(Integer.parseInt(args[3]))
                .timeouts(TIMEOUTS)
                .terminationHook(() -> Runtime.getRuntime().halt(3))
                .errorHandler(error -> System.out.println("ERROR " + error));
        if (args.length > 4) {
            ctx.members(List.of("localhost", "localhost", "localhost"))
                    .memberId(Integer.parseInt(args[4]))
                    .mediaDriverDirectory(Path.of(args[1], "aeron-" + args[4]));
        } else {
            ctx.aeronDirectoryName(args[2]);
        }
        try (MasterNode master = MasterNode.launch(ctx)) {
            System.out.println("READY " + master.aeronDirectoryName());
            final Thread watch = new Thread(() -> watch(master), "watch");
            watch.setDaemon(true);
            watch.start();
            while (System.in.read() >= 0) {
                continue;
            }
        }
    }
}
