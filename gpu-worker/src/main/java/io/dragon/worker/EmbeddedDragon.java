package io.dragon.worker;

import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.worker.device.Device;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.CloseHelper;
import org.agrona.IoUtil;

/**
 * A whole system in one process: a media driver, one master, workers and any number of clients. For trying out, for tests, and for
 * programs that need nothing more. Closing it leaves no thread and no file. Methods may be called from any thread.
 */
public final class EmbeddedDragon implements AutoCloseable {
    /** How the folder of its log begins, among the temporary files. */
    public static final String TEMPORARY_PREFIX = "dragon-master-";

    /** The lock in that folder, held as long as the system lives: a folder whose lock nobody holds may be deleted. */
    public static final String TEMPORARY_LOCK = "embedded.lock";

    private static final int FIRST_PORT = 20_000;
    private static final int PORT_BLOCKS = 1_000;
    private static final int PORTS_PER_MEMBER = 10;

    private final EmbeddedContext ctx;
    private final DragonDirectory directory;
    private final Path temporary;
    private final LivenessLock temporaryLock;
    private final List<WorkerNode> workers = new ArrayList<>();
    private final List<DragonClient> clients = new ArrayList<>();
    private MasterNode master;
    private int workersMade;
    private boolean closed;

    private EmbeddedDragon(final EmbeddedContext ctx, final DragonDirectory directory, final Path temporary) {
        this.ctx = ctx;
        this.directory = directory;
        this.temporary = temporary;
        temporaryLock = LivenessLock.acquire(temporary.resolve(TEMPORARY_LOCK));
    }

    /**
     * Starts everything and waits until every worker is registered.
     *
     * @param ctx how.
     * @return the running system, to be closed.
     * @throws DragonException in words, when something does not start.
     */
    public static EmbeddedDragon launch(final EmbeddedContext ctx) {
        ctx.conclude();
        final EmbeddedDragon dragon =
                new EmbeddedDragon(ctx, DragonDirectory.of(ctx.directory()).create(), temporaryDirectory());
        try {
            dragon.start();
            return dragon;
        } catch (final RuntimeException | Error ex) {
            dragon.close();
            throw ex;
        }
    }

    /**
     * Connects a client of this system; it is closed with it.
     *
     * @param name name of the client.
     * @return the client.
     */
    public DragonClient connect(final String name) {
        final DragonClient client = DragonClient.connect(clientContext(name));
        synchronized (this) {
            clients.add(client);
        }
        return client;
    }

    /**
     * How a client of this system connects, to be changed before it does.
     *
     * @param name name of the client.
     * @return the context.
     */
    public ClientContext clientContext(final String name) {
        return new ClientContext()
                .name(name)
                .directory(directory)
                .host(ctx.host())
                .aeronDirectoryName(master.aeronDirectoryName())
                .timeouts(ctx.timeouts())
                .runProfile(ctx.runProfile())
                .errorHandler(ctx.errorHandler());
    }

    /**
     * Adds a worker and waits until it is registered.
     *
     * @return the worker; it is closed with the system, or before.
     */
    public WorkerNode addWorker() {
        return addWorker(null);
    }

    /**
     * Adds a worker on a device and waits until it is registered.
     *
     * @param device which the worker closes; null for all cores of the host.
     * @return the worker; it is closed with the system, or before.
     */
    public WorkerNode addWorker(final Device device) {
        final int number;
        synchronized (this) {
            number = ++workersMade;
        }
        final WorkerContext worker = new WorkerContext()
                .name("worker-" + number)
                .device(device)
                .directory(directory)
                .host(ctx.host())
                .aeronDirectoryName(master.aeronDirectoryName())
                .window(ctx.window())
                .outputSlotCount(ctx.outputSlotCount())
                .outputSlotLength(ctx.outputSlotLength())
                .maxOutputLength(Math.max(ctx.maxOutputLength(), ctx.outputSlotLength()))
                .outputMemoryLimit(ctx.outputMemoryLimit())
                .outputTimeout(ctx.outputTimeout())
                .loadHandlers(ctx.loadHandlers())
                .timeouts(ctx.timeouts())
                .runProfile(ctx.runProfile())
                .errorHandler(ctx.errorHandler());
        ctx.handlers().forEach(handler -> worker.handler(handler.get()));
        final WorkerNode node = WorkerNode.launch(worker);
        synchronized (this) {
            workers.add(node);
        }
        if (!node.awaitReady(ctx.startTimeout())) {
            throw new DragonException(
                    DragonException.TIMED_OUT,
                    "worker '" + node.name() + "' did not register within "
                            + ctx.startTimeout().toMillis() + " ms: " + node.state());
        }
        return node;
    }

    /**
     * The workers.
     *
     * @return a copy of the list.
     */
    public synchronized List<WorkerNode> workers() {
        return List.copyOf(workers);
    }

    /**
     * The shared directory, in which pools and locks lie.
     *
     * @return the directory.
     */
    public DragonDirectory directory() {
        return directory;
    }

    /**
     * Directory of the media driver, for other processes that join.
     *
     * @return its path.
     */
    public String aeronDirectoryName() {
        return master.aeronDirectoryName();
    }

    /**
     * The master.
     *
     * @return the one member.
     */
    public MasterNode master() {
        return master;
    }

    /** Ends clients, workers, master and media driver, and deletes their files. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        CloseHelper.closeAll(ctx.errorHandler(), clients);
        CloseHelper.closeAll(ctx.errorHandler(), workers);
        CloseHelper.close(ctx.errorHandler(), master);
        temporaryLock.close();
        IoUtil.delete(temporary.toFile(), true);
        if (ctx.ownsDirectory()) {
            IoUtil.delete(directory.path().toFile(), true);
        }
    }

    private void start() {
        master = MasterNode.launch(new MasterContext()
                .directory(temporary.resolve("member"))
                .dragonDirectory(directory.path())
                .host(ctx.host())
                .network(ctx.network())
                .basePort(freePorts())
                .timeouts(ctx.timeouts())
                .runProfile(ctx.runProfile())
                .errorHandler(ctx.errorHandler())
                .deleteOnStart(true));
        for (int i = 0; i < ctx.workers(); i++) {
            addWorker();
        }
    }

    private static Path temporaryDirectory() {
        try {
            return Files.createTempDirectory(TEMPORARY_PREFIX);
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.FAILED,
                    "no temporary directory could be made for the master: " + ex.getMessage(),
                    ex);
        }
    }

    /** Systems may run side by side, so each takes a block of ports that is free at the moment. */
    private static int freePorts() {
        for (int attempt = 0; attempt < PORT_BLOCKS; attempt++) {
            final int base =
                    FIRST_PORT + PORTS_PER_MEMBER * ThreadLocalRandom.current().nextInt(PORT_BLOCKS);
            boolean free = true;
            for (int port = base; port < base + PORTS_PER_MEMBER && free; port++) {
                try (DatagramSocket socket =
                        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                    free = socket.isBound();
                } catch (final SocketException ex) {
                    free = false;
                }
            }
            if (free) {
                return base;
            }
        }
        throw new DragonException("no block of ten free UDP ports was found between " + FIRST_PORT + " and "
                + (FIRST_PORT + PORTS_PER_MEMBER * PORT_BLOCKS));
    }
}
