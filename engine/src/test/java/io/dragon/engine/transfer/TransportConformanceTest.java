package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.agrona.CloseHelper;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every transport must do. Both ends run in the thread of the test, in turns. */
class TransportConformanceTest {
    /** The transports, and what {@code tcp} does when the other end is on another host. */
    private enum Kind {
        UDP,
        TCP,
        TCP_FROM_FILE,
        TCP_COPY;

        Transport create(final TransferContext ctx, final Aeron aeron) {
            return this == TCP_FROM_FILE
                    ? new TcpTransport(
                            ctx.bindAddress(),
                            ctx.port(),
                            ctx.window(),
                            TcpTransport.Sending.FROM_FILE,
                            ctx.allowedAddresses())
                    : TransportKind.valueOf(name()).create(ctx, aeron);
        }
    }

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final String HOST = "127.0.0.1";
    private static final int LONGEST_FRAME = 24 << 20;
    private static final long DEADLINE_NS = 20_000_000_000L;

    /** Whoever yields on a busy machine comes to its turn late. */
    private static final int NO_YIELDS = 0;

    /**
     * Longer than the pauses of a machine that is very busy: {@link StalledDriverTest} shows what is lost otherwise.
     */
    private static final long LIVENESS_NS = 3_000_000_000L;

    private static Path directory;
    private static FileChannel file;
    private static ByteBuffer frame;
    private static MediaDriver driver;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<Throwable> errors = new ArrayList<>();
    private final IdleStrategy idle = new BackoffIdleStrategy(10, NO_YIELDS, 1_000, 100_000);

    @BeforeAll
    static void beforeAll() throws IOException {
        final Path shm = Path.of("/dev/shm");
        directory = Files.createTempDirectory(
                Files.isWritable(shm) ? shm : Path.of(System.getProperty("java.io.tmpdir")), "dragon-test-");
        file = FileChannel.open(
                directory.resolve("frame"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        final ByteBuffer writable = file.map(MapMode.READ_WRITE, 0, LONGEST_FRAME);
        final Random random = new Random(3);
        while (writable.hasRemaining()) {
            writable.putLong(random.nextLong());
        }
        frame = writable.clear();
        driver = MediaDriver.launch(DatagramBatches.apply(new MediaDriver.Context())
                .aeronDirectoryName(directory + "-aeron")
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(new BackoffIdleStrategy(10, NO_YIELDS, 1_000, 100_000))
                .timerIntervalNs(50_000_000)
                .imageLivenessTimeoutNs(LIVENESS_NS)
                .publicationConnectionTimeoutNs(LIVENESS_NS)
                .publicationLingerTimeoutNs(100_000_000));
    }

    @AfterAll
    static void afterAll() throws IOException {
        CloseHelper.closeAll(driver, file);
        Files.delete(directory.resolve("frame"));
        Files.delete(directory);
    }

    @AfterEach
    void after() {
        for (int i = opened.size() - 1; i >= 0; i--) {
            CloseHelper.close(opened.get(i));
        }
        assertTrue(errors.isEmpty(), () -> errors.size() + " errors, the first: " + errors.get(0));
    }

    private TransportEnd end(final Kind kind, final int port) {
        final boolean isUdp = kind == Kind.UDP;
        final Aeron aeron = isUdp
                ? Aeron.connect(new Aeron.Context()
                        .useConductorAgentInvoker(true)
                        .aeronDirectoryName(driver.aeronDirectoryName()))
                : null;
        final TransferContext ctx = new TransferContext()
                .bindAddress(HOST)
                .port(port)
                .mtu(8_192)
                .window(1 << 20)
                .errorHandler(errors::add);
        final TransportEnd end = new TransportEnd(kind.create(ctx, aeron), aeron, frame, file, LONGEST_FRAME);
        opened.add(end);
        return end;
    }

    /** Polls the ends until something is so. */
    private void await(final BooleanSupplier condition, final TransportEnd... ends) {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            int work = 0;
            for (final TransportEnd end : ends) {
                work += end.poll();
            }
            assertTrue(
                    System.nanoTime() - deadlineNs < 0,
                    () -> "waited too long; of the ends that were polled: "
                            + Stream.of(ends)
                                    .map(end -> end.bytesArrived + " bytes came, " + end.closed + " streams ended")
                                    .toList());
            idle.idle(work);
        }
    }

    private Lane connect(final TransportEnd from, final TransportEnd to, final int port) {
        final Lane[] lane = {from.transport.open(HOST, port)};
        final int inlets = to.inlets.size();
        await(
                () -> {
                    if (lane[0].isClosed()) {
                        lane[0] = from.transport.open(HOST, port);
                    }
                    return lane[0].isConnected() && to.inlets.size() > inlets;
                },
                from,
                to);
        return lane[0];
    }

    private void checkArrived(final TransportEnd to, final int length) {
        assertTrue(to.inOrder, "something came out of order");
        assertEquals(
                -1, frame.clear().slice(0, length).mismatch(to.arrived.clear().slice(0, length)));
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldBringFramesOfEverySize(final Kind kind) {
        final int port = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final TransportEnd sender = end(kind, FreePort.find());
        final Lane lane = connect(sender, receiver, port);
        final int longest = lane.longestPiece();
        assertTrue(longest > 0 && longest <= sender.transport.longestPiece());
        long expected = 0;
        for (final int length :
                new int[] {0, 1, 31, longest - 1, longest, longest + 1, 65_536, 1 << 20, LONGEST_FRAME}) {
            receiver.arrived.clear();
            sender.rewind();
            expected += length;
            final long all = expected;
            await(() -> sender.sendPieces(lane, length, longest) && receiver.bytesArrived == all, sender, receiver);
            checkArrived(receiver, length);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldKeepMessagesAndPiecesInTheirOrder(final Kind kind) {
        final int port = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final TransportEnd sender = end(kind, FreePort.find());
        final Lane lane = connect(sender, receiver, port);
        assertTrue(lane.longestMessage() >= Transport.LONGEST_MESSAGE);
        final Random random = new Random(9);
        final int[] number = {0};
        for (int at = 0; at < 4 << 20; ) {
            final int to = at + 1 + random.nextInt(3 * lane.longestPiece());
            final int piece = 1 + random.nextInt(lane.longestPiece());
            await(() -> sender.sendPieces(lane, to, piece), sender, receiver);
            for (int messages = random.nextInt(4); messages > 0; messages--) {
                number[0]++;
                final int length = random.nextInt(Transport.LONGEST_MESSAGE + 1);
                await(() -> sender.sendMessage(lane, number[0], length) > 0, sender, receiver);
            }
            at = to;
        }
        await(() -> receiver.messagesArrived == number[0], sender, receiver);
        checkArrived(receiver, 4 << 20);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldHoldBackForASlowReceiverAndLoseNothing(final Kind kind) {
        final int port = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final TransportEnd sender = end(kind, FreePort.find());
        final Lane lane = connect(sender, receiver, port);
        // Nothing is taken at the other end: sooner or later nothing more fits.
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        int refusals = 0;
        long before = -1;
        while (refusals < 1_000) {
            assertFalse(sender.sendPieces(lane, LONGEST_FRAME, lane.longestPiece()), "24 MiB fit into the connection");
            assertTrue(lane.isConnected());
            refusals = sender.sent() == before ? refusals + 1 : 0;
            before = sender.sent();
            sender.poll();
            assertTrue(System.nanoTime() - deadlineNs < 0);
        }
        final int[] turn = {0};
        await(
                () -> {
                    final boolean isSent = sender.sendPieces(lane, LONGEST_FRAME, lane.longestPiece());
                    if (turn[0]++ % 5 == 0) {
                        receiver.poll();
                    }
                    return isSent && receiver.bytesArrived == LONGEST_FRAME;
                },
                sender);
        checkArrived(receiver, LONGEST_FRAME);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldNotWaitForPeersThatAreDeadOrDoNotRead(final Kind kind) {
        final int port = FreePort.find();
        final int silentPort = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final TransportEnd silent = end(kind, silentPort);
        final TransportEnd sender = end(kind, FreePort.find());
        final TransportEnd toSilent = end(kind, FreePort.find());
        final Lane dead = sender.transport.open(HOST, FreePort.find());
        final Lane lane = connect(sender, receiver, port);
        final Lane silentLane = connect(toSilent, silent, silentPort);
        await(
                () -> {
                    toSilent.sendPieces(silentLane, LONGEST_FRAME, silentLane.longestPiece());
                    assertTrue(sender.sendMessage(dead, 1, 100) < 0);
                    return sender.sendPieces(lane, LONGEST_FRAME, lane.longestPiece())
                            && receiver.bytesArrived == LONGEST_FRAME;
                },
                sender,
                toSilent,
                receiver);
        checkArrived(receiver, LONGEST_FRAME);
        assertEquals(0, silent.bytesArrived);
        assertFalse(dead.isConnected());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldNoticeThatAPeerIsGoneAndFindItAgain(final Kind kind) {
        final int port = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final TransportEnd sender = end(kind, FreePort.find());
        final Lane lane = connect(sender, receiver, port);
        await(
                () -> {
                    sender.sendPieces(lane, LONGEST_FRAME, lane.longestPiece());
                    return receiver.bytesArrived > LONGEST_FRAME / 4;
                },
                sender,
                receiver);
        receiver.close();
        await(
                () -> {
                    sender.sendPieces(lane, LONGEST_FRAME, lane.longestPiece());
                    return lane.isClosed() || !lane.isConnected();
                },
                sender);
        lane.close();
        assertEquals(Lane.CLOSED, sender.sendMessage(lane, 1, 100));

        final TransportEnd returned = end(kind, port);
        final Lane again = connect(sender, returned, port);
        sender.rewind();
        await(
                () -> sender.sendPieces(again, LONGEST_FRAME, again.longestPiece()) && returned.hasLastOf(sender),
                sender,
                returned);
        checkArrived(returned, LONGEST_FRAME);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldTellThatASenderIsGone(final Kind kind) {
        final int port = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final TransportEnd sender = end(kind, FreePort.find());
        final Lane lane = connect(sender, receiver, port);
        await(
                () -> {
                    sender.sendPieces(lane, LONGEST_FRAME, lane.longestPiece());
                    return receiver.bytesArrived > LONGEST_FRAME / 4;
                },
                sender,
                receiver);
        sender.close();
        await(() -> receiver.closed == 1, receiver);
        assertTrue(receiver.inlets.isEmpty());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldIgnoreWhatStrangersSend(final Kind kind) throws IOException {
        final int port = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final TransportEnd sender = end(kind, FreePort.find());
        final Lane lane = connect(sender, receiver, port);
        final Random random = new Random(13);
        for (int round = 0; round < 20; round++) {
            final byte[] noise = new byte[1 + random.nextInt(1_400)];
            random.nextBytes(noise);
            if (kind == Kind.UDP) {
                try (DatagramSocket stranger = new DatagramSocket()) {
                    stranger.send(new DatagramPacket(noise, noise.length, InetAddress.getByName(HOST), port));
                }
            } else {
                try (Socket stranger = new Socket(HOST, port)) {
                    stranger.getOutputStream().write(noise.length < 8 ? new byte[8] : noise);
                    final int expected = receiver.malformed + 1;
                    await(() -> receiver.malformed == expected, receiver);
                }
            }
        }
        assertEquals(1, receiver.inlets.size());
        await(
                () -> sender.sendPieces(lane, 1 << 20, lane.longestPiece()) && receiver.bytesArrived == 1 << 20,
                sender,
                receiver);
        checkArrived(receiver, 1 << 20);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldReleaseEverything(final Kind kind) {
        final int port = FreePort.find();
        final int[] files = {0};
        for (int round = 0; round < 4; round++) {
            final TransportEnd receiver = end(kind, port);
            final TransportEnd sender = end(kind, FreePort.find());
            final Lane lane = connect(sender, receiver, port);
            await(
                    () -> sender.sendPieces(lane, 1 << 20, lane.longestPiece()) && receiver.bytesArrived == 1 << 20,
                    sender,
                    receiver);
            sender.close();
            receiver.close();
            // The first round loads classes and whatever else stays open; a driver lingers.
            if (round == 0) {
                files[0] = Integer.MAX_VALUE;
                for (int i = 0; i < 10; i++) {
                    files[0] = Math.min(files[0], openFiles());
                    LockSupport.parkNanos(kind == Kind.UDP ? 200_000_000 : 0);
                }
            } else {
                await(() -> openFiles() <= files[0]);
            }
        }
    }

    private static int openFiles() {
        final Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        int count = 0;
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(descriptors)) {
            for (final Path path : paths) {
                assertTrue(path.isAbsolute());
                count++;
            }
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
        return count;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void shouldAllocateNothingPerPiece(final Kind kind) {
        final int port = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final TransportEnd sender = end(kind, FreePort.find());
        final Lane lane = connect(sender, receiver, port);
        final long thread = Thread.currentThread().getId();
        final int length = 4 << 20;
        final int pieces = length / lane.longestPiece();
        long least = Long.MAX_VALUE;
        long expected = 0;
        for (int round = 0; round < 20 && least > pieces; round++) {
            sender.rewind();
            expected += length;
            final long before = THREADS.getThreadAllocatedBytes(thread);
            final long deadlineNs = System.nanoTime() + DEADLINE_NS;
            while (!sender.sendPieces(lane, length, lane.longestPiece()) || receiver.bytesArrived < expected) {
                idle.idle(sender.poll() + receiver.poll());
                assertTrue(System.nanoTime() - deadlineNs < 0);
            }
            least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
        }
        final long bytes = least;
        assertTrue(bytes <= pieces, () -> bytes + " bytes for " + pieces + " pieces");
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"TCP", "TCP_FROM_FILE"})
    void shouldHangUpOnAPeerThatLosesItsThread(final Kind kind) throws IOException {
        final int port = FreePort.find();
        final TransportEnd receiver = end(kind, port);
        final Random random = new Random(17);
        for (int round = 0; round < 20; round++) {
            final byte[] bytes = new byte[200 + random.nextInt(70_000)];
            random.nextBytes(bytes);
            ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).putLong(TcpTransport.GREETING);
            try (Socket stranger = new Socket(HOST, port)) {
                stranger.setSoTimeout(10_000);
                stranger.getOutputStream().write(bytes);
                final int expected = receiver.closed + 1;
                await(() -> receiver.closed == expected, receiver);
                assertHungUp(stranger);
            }
        }
        assertEquals(20, receiver.malformed);
        assertTrue(receiver.inlets.isEmpty());
    }

    private static void assertHungUp(final Socket socket) {
        try (InputStream in = socket.getInputStream()) {
            assertEquals(-1, in.read());
        } catch (final IOException e) {
            // Reset: what was not read any more was not wanted.
            assertTrue(e.getMessage() != null);
        }
    }

    @Test
    void shouldHangUpOnAddressesThatAreNotAllowed() throws IOException {
        final int port = FreePort.find();
        final TransferContext ctx =
                new TransferContext().bindAddress(HOST).port(port).allowedAddresses(address -> false);
        final TransportEnd receiver = new TransportEnd(TransportKind.TCP.create(ctx, null), null, frame, file, 1);
        opened.add(receiver);
        try (Socket stranger = new Socket(HOST, port)) {
            stranger.setSoTimeout(10_000);
            await(() -> receiver.malformed == 1, receiver);
            assertHungUp(stranger);
        }
        assertTrue(receiver.inlets.isEmpty());
    }

    @Test
    void shouldEndALaneAtOnceWhenTheConnectionIsRefusedAndNotCallAgainTooSoon() {
        final TransportEnd sender = end(Kind.TCP, FreePort.find());
        final int port = FreePort.find();
        final Lane refused = sender.transport.open(HOST, port);
        await(refused::isClosed, sender);
        // The second call is due after a second: until then a lane is neither connected nor closed, also when somebody
        // is there.
        final Lane waiting = sender.transport.open(HOST, port);
        final TransportEnd receiver = end(Kind.TCP, port);
        sender.poll();
        assertFalse(waiting.isClosed() || waiting.isConnected());
        // Unless the other calls first.
        connect(receiver, sender, sender.port());
        await(waiting::isConnected, sender, receiver);
    }
}
