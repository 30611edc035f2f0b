package io.dragon.worker;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.cluster.MasterContext;
import io.dragon.engine.cluster.MasterNode;
import io.dragon.engine.cluster.NetworkContext;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.HostName;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.LivenessLock;
import io.dragon.worker.device.Device;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
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

    private static final AtomicInteger NEXT_DIRECTORY = new AtomicInteger(1);
    private static final int FIRST_PORT = 20_000;
    private static final int PORT_BLOCKS = 1_000;
    private static final int PORTS_PER_MEMBER = 10;

    private final Context ctx;
    private final DragonDirectory directory;
    private final Path temporary;
    private final LivenessLock temporaryLock;
    private final List<WorkerNode> workers = new ArrayList<>();
    private final List<DragonClient> clients = new ArrayList<>();
    private MasterNode master;
    private int workersMade;
    private boolean closed;

    private EmbeddedDragon(final Context ctx, final DragonDirectory directory, final Path temporary) {
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
    public static EmbeddedDragon launch(final Context ctx) {
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
    public DragonClient.Context clientContext(final String name) {
        return new DragonClient.Context()
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
        final WorkerNode.Context worker = new WorkerNode.Context()
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
        ctx.handlers.forEach(handler -> worker.handler(handler.get()));
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
        if (ctx.ownsDirectory) {
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

    /** What an embedded system consists of. */
    public static final class Context {
        private Path directory;
        private String host = HostName.own();
        private NetworkContext network;
        private int workers = 2;
        private int window = 2;
        private boolean loadHandlers = true;
        private int outputSlotCount = 16;
        private long outputSlotLength = 1L << 20;
        private long maxOutputLength = 256L << 20;
        private long outputMemoryLimit = 1L << 30;
        private Duration outputTimeout = Duration.ofSeconds(5);
        private Duration startTimeout = Duration.ofSeconds(20);
        private Timeouts timeouts = Timeouts.dev();
        private RunProfile runProfile = RunProfile.DEV;
        private ErrorHandler errorHandler;
        private final List<Supplier<TaskHandler>> handlers = new ArrayList<>();
        private boolean ownsDirectory;

        /** The defaults: two workers with every handler on the class path. */
        public Context() {}

        /**
         * Registers a lambda by name in every worker.
         *
         * @param taskType name of the task type.
         * @param body     what runs a task; thread-safe, as all workers share it.
         * @return this.
         */
        public Context handler(final String taskType, final TaskHandler.Body body) {
            return handler(() -> TaskHandler.of(taskType, body));
        }

        /**
         * Registers a handler in every worker.
         *
         * @param value makes one for each worker.
         * @return this.
         */
        public Context handler(final Supplier<TaskHandler> value) {
            handlers.add(value);
            return this;
        }

        /**
         * The shared directory; one of its own that is deleted in the end, when it is not set.
         *
         * @param value a directory of shared memory.
         * @return this.
         */
        public Context directory(final Path value) {
            directory = value;
            return this;
        }

        /**
         * The shared directory; one of its own that is deleted in the end, when it is not set.
         *
         * @return a directory of shared memory.
         */
        public Path directory() {
            return directory;
        }

        /**
         * The word that all processes of this host have in common: who registers with the same one shares its memory.
         *
         * @param value at most 48 bytes; the name that the host gives itself by default.
         * @return this.
         */
        public Context host(final String value) {
            host = value;
            return this;
        }

        /**
         * The word that all processes of this host have in common.
         *
         * @return at most 48 bytes.
         */
        public String host() {
            return host;
        }

        /**
         * How it has to do with other hosts, whose processes join over UDP.
         *
         * @param value how; null (the default) for the one host of its system.
         * @return this.
         */
        public Context network(final NetworkContext value) {
            network = value;
            return this;
        }

        /**
         * How it has to do with other hosts.
         *
         * @return how; null for the one host of its system.
         */
        public NetworkContext network() {
            return network;
        }

        /**
         * Number of workers.
         *
         * @param value 0 or more; 2 when it is not set.
         * @return this.
         */
        public Context workers(final int value) {
            workers = value;
            return this;
        }

        /**
         * Number of workers.
         *
         * @return 0 or more; 2 when it is not set.
         */
        public int workers() {
            return workers;
        }

        /**
         * Assignments a worker takes at a time.
         *
         * @param value 1 to 64.
         * @return this.
         */
        public Context window(final int value) {
            window = value;
            return this;
        }

        /**
         * Assignments a worker takes at a time.
         *
         * @return 1 to 64.
         */
        public int window() {
            return window;
        }

        /**
         * Whether handlers are also looked for by {@link java.util.ServiceLoader}.
         *
         * @param value true when it is not set.
         * @return this.
         */
        public Context loadHandlers(final boolean value) {
            loadHandlers = value;
            return this;
        }

        /**
         * Whether handlers are also looked for by {@link java.util.ServiceLoader}.
         *
         * @return true when it is not set.
         */
        public boolean loadHandlers() {
            return loadHandlers;
        }

        /**
         * Slots of a worker's output pool.
         *
         * @param value at least 2.
         * @return this.
         */
        public Context outputSlotCount(final int value) {
            outputSlotCount = value;
            return this;
        }

        /**
         * Slots of a worker's output pool.
         *
         * @return at least 2.
         */
        public int outputSlotCount() {
            return outputSlotCount;
        }

        /**
         * Slot length of a worker's output pool.
         *
         * @param value bytes.
         * @return this.
         */
        public Context outputSlotLength(final long value) {
            outputSlotLength = value;
            return this;
        }

        /**
         * Slot length of a worker's output pool.
         *
         * @return bytes.
         */
        public long outputSlotLength() {
            return outputSlotLength;
        }

        /**
         * Longest output frame.
         *
         * @param value bytes.
         * @return this.
         */
        public Context maxOutputLength(final long value) {
            maxOutputLength = value;
            return this;
        }

        /**
         * Longest output frame.
         *
         * @return bytes.
         */
        public long maxOutputLength() {
            return maxOutputLength;
        }

        /**
         * Shared memory that the output pools of one worker may take together; they grow to it while results are held.
         *
         * @param value bytes.
         * @return this.
         */
        public Context outputMemoryLimit(final long value) {
            outputMemoryLimit = value;
            return this;
        }

        /**
         * Shared memory that the output pools of one worker may take together; they grow to it while results are held.
         *
         * @return bytes.
         */
        public long outputMemoryLimit() {
            return outputMemoryLimit;
        }

        /**
         * How long a task waits for an output slot.
         *
         * @param value a duration.
         * @return this.
         */
        public Context outputTimeout(final Duration value) {
            outputTimeout = value;
            return this;
        }

        /**
         * How long a task waits for an output slot.
         *
         * @return a duration.
         */
        public Duration outputTimeout() {
            return outputTimeout;
        }

        /**
         * How long a worker may take to register.
         *
         * @param value a duration.
         * @return this.
         */
        public Context startTimeout(final Duration value) {
            startTimeout = value;
            return this;
        }

        /**
         * How long a worker may take to register.
         *
         * @return a duration.
         */
        public Duration startTimeout() {
            return startTimeout;
        }

        /**
         * Every timeout.
         *
         * @param value a profile.
         * @return this.
         */
        public Context timeouts(final Timeouts value) {
            timeouts = value;
            return this;
        }

        /**
         * Every timeout.
         *
         * @return a profile.
         */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * How threads wait.
         *
         * @param value a profile.
         * @return this.
         */
        public Context runProfile(final RunProfile value) {
            runProfile = value;
            return this;
        }

        /**
         * How threads wait.
         *
         * @return a profile.
         */
        public RunProfile runProfile() {
            return runProfile;
        }

        /**
         * Receives what goes wrong and is mended by itself.
         *
         * @param value called on any thread; errors are dropped when it is not set.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler value) {
            errorHandler = value;
            return this;
        }

        /**
         * Receives what goes wrong and is mended by itself.
         *
         * @return called on any thread; errors are dropped when it is not set.
         */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }

        void conclude() {
            if (directory == null) {
                ownsDirectory = true;
                directory = DragonDirectory.byDefault()
                        .path()
                        .resolveSibling(DragonDirectory.byDefault().path().getFileName() + "-embedded-"
                                + ProcessHandle.current().pid() + '-' + NEXT_DIRECTORY.getAndIncrement());
            }
            errorHandler = errorHandler == null ? throwable -> {} : errorHandler;
        }
    }
}
