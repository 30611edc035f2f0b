package io.dragon.engine.transfer;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.driver.ext.DebugReceiveChannelEndpoint;
import io.aeron.driver.ext.LossGenerator;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.FrameClaim;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FramePool;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;
import io.dragon.engine.frame.PoolSet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;

/** A host in a test: a media driver, an agent, a program that asks, all worked by the thread of the test. */
final class TransferHost implements AutoCloseable {
    /** Frames of such seeds compress well. */
    static final long COMPRESSIBLE = 1_000;

    final int nodeId;
    final int port;
    final FixedRoutes routes = new FixedRoutes();
    final List<String> log = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    final DragonDirectory directory;
    final TransferContext ctx;
    final FrameReader reader;
    /** Packets that this host receives are lost when it says so. */
    volatile LossGenerator loss = new NoLoss();

    MediaDriver driver;
    TransferAgent agent;
    Asker asker;
    private final List<AutoCloseable> owned = new ArrayList<>();

    private static final class NoLoss implements LossGenerator {
        @Override
        public boolean shouldDropFrame(final InetSocketAddress address, final UnsafeBuffer buffer, final int length) {
            return false;
        }
    }

    TransferHost(final int nodeId, final int port) {
        this.nodeId = nodeId;
        this.port = port;
        directory = sharedDirectory();
        reader = new FrameReader(directory, "test");
        ctx = new TransferContext()
                .directory(directory)
                .nodeId(() -> nodeId)
                .routes(routes)
                .port(port)
                .bindAddress("127.0.0.1")
                .window(256 * 1024)
                .receiveMemory(128 << 20)
                .log(log::add)
                .errorHandler(errors::add);
    }

    TransferHost start() {
        startDriver();
        agent = new TransferAgent(ctx);
        asker = new Asker(directory.aeron().toString());
        return this;
    }

    private void startDriver() {
        driver = MediaDriver.launch(DatagramBatches.apply(new MediaDriver.Context())
                .aeronDirectoryName(directory.aeron().toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.INVOKER)
                .publicationTermBufferLength(64 * 1024)
                .ipcTermBufferLength(64 * 1024)
                .publicationLingerTimeoutNs(100_000_000)
                .receiveChannelEndpointSupplier((channel, dispatcher, status, context) ->
                        new DebugReceiveChannelEndpoint(channel, dispatcher, status, context, loss(), new NoLoss()))
                .errorHandler(errors::add));
    }

    private LossGenerator loss() {
        return new LossGenerator() {
            @Override
            public boolean shouldDropFrame(
                    final InetSocketAddress address, final UnsafeBuffer buffer, final int length) {
                return loss.shouldDropFrame(address, buffer, length);
            }
        };
    }

    /** The media driver ends, and another one comes: programs make their lines anew. */
    void restartDriver() {
        asker.close();
        driver.close();
        startDriver();
        asker = new Asker(directory.aeron().toString());
    }

    /** Ends the agent as a kill does to those who see it from outside: another one comes. */
    void restartAgent() {
        agent.onClose();
        agent = new TransferAgent(ctx);
    }

    /** Ends everything as kill -9 does: nobody is told. */
    void kill() {
        asker.close();
        driver.close();
        if (agent != null) {
            agent.onClose();
        }
        driver = null;
        agent = null;
        asker = null;
    }

    void doWork() {
        if (driver != null) {
            driver.sharedAgentInvoker().invoke();
        }
        if (agent != null) {
            agent.doWork();
        }
        if (asker != null) {
            asker.doWork();
        }
    }

    /** A pool of this host. */
    FramePool pool(final int slots, final long slotLength, final int metadataLength) {
        final FramePool pool = FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName("camera")
                .slotCount(slots)
                .slotLength(slotLength)
                .metadataLength(metadataLength));
        owned.add(pool::deleteNow);
        return pool;
    }

    PoolSet owns(final PoolSet pools) {
        owned.add(pools);
        return pools;
    }

    /** A frame whose content follows from the seed. */
    static FrameRef publish(final FramePool pool, final int length, final int metadataLength, final long seed) {
        final FrameClaim claim = new FrameClaim();
        final int slot = pool.tryClaim(claim, length);
        if (slot < 0) {
            throw new AssertionError("claim refused with " + slot);
        }
        final byte[] bytes = content(length, seed);
        claim.buffer().putBytes(0, bytes);
        claim.metadata().putBytes(0, content(metadataLength, ~seed));
        final FrameRef ref = new FrameRef();
        claim.metadataLength(metadataLength)
                .format(FrameFormat.GREY8)
                .width(640)
                .height(480)
                .camera(7)
                .step(seed)
                .captureEpochNs(seed * 1_000)
                .publish(ref, true);
        return ref;
    }

    static byte[] content(final int length, final long seed) {
        final byte[] bytes = new byte[length];
        final Random random = new Random(seed);
        if (seed >= COMPRESSIBLE) {
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) ((i >> 6) * seed);
            }
        } else {
            random.nextBytes(bytes);
        }
        return bytes;
    }

    static DragonDirectory sharedDirectory() {
        try {
            final Path shm = Path.of("/dev/shm");
            final Path parent = Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir"));
            return DragonDirectory.of(Files.createTempDirectory(parent, "dragon-test-"))
                    .create();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (agent != null) {
            agent.onClose();
        }
        CloseHelper.closeAll(asker, reader);
        CloseHelper.closeAll(owned);
        CloseHelper.close(driver);
        try (Stream<Path> paths = Files.walk(directory.path())) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
