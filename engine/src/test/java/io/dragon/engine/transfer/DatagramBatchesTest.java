package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Subscription;
import io.aeron.driver.DataPacketDispatcher;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.driver.media.UdpChannel;
import io.aeron.driver.status.SystemCounterDescriptor;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.protocol.DataHeaderFlyweight;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real streams over loopback: what was sent with one call comes whole and in order, whatever is lost, mixed with it or in its way. */
class DatagramBatchesTest {
    private static final int STREAM = 7;
    private static final int MTU = 1_408;
    private static final int FULL = MTU - DataHeaderFlyweight.HEADER_LENGTH;
    private static final long DEADLINE_NS = 20_000_000_000L;

    private final List<Throwable> errors = new ArrayList<>();
    private final Random random = new Random(4);
    private final BufferClaim claim = new BufferClaim();
    private final int port = FreePort.find();
    private Path directory;
    private MediaDriver driver;
    private Aeron aeron;
    private int longest;
    private double loss;

    /** Tells what the kernel hands over, and loses some of it. */
    private final class LossyEndpoint extends BatchedReceiveEndpoint {
        LossyEndpoint(
                final UdpChannel channel,
                final DataPacketDispatcher dispatcher,
                final AtomicCounter status,
                final MediaDriver.Context ctx) {
            super(channel, dispatcher, status, ctx);
        }

        @Override
        public int onDataPacket(
                final DataHeaderFlyweight header,
                final UnsafeBuffer buffer,
                final int length,
                final InetSocketAddress source,
                final int index) {
            longest = Math.max(longest, length);
            return random.nextDouble() < loss ? 0 : super.onDataPacket(header, buffer, length, source, index);
        }
    }

    @BeforeEach
    void before() throws IOException {
        directory = Files.createTempDirectory(Path.of("/dev/shm"), "dragon-batches-");
        driver = MediaDriver.launch(DatagramBatches.apply(new MediaDriver.Context())
                .receiveChannelEndpointSupplier(LossyEndpoint::new)
                .aeronDirectoryName(directory.resolve("aeron").toString())
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(new SleepingIdleStrategy(50_000))
                .socketRcvbufLength(1 << 20)
                .socketSndbufLength(1 << 20)
                .initialWindowLength(512 << 10)
                .publicationTermBufferLength(1 << 20)
                .dirDeleteOnShutdown(true)
                .errorHandler(errors::add));
        aeron = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(driver.aeronDirectoryName())
                .errorHandler(errors::add));
    }

    @AfterEach
    void after() throws IOException {
        aeron.close();
        final long overruns = driver.context()
                .systemCounters()
                .get(SystemCounterDescriptor.FLOW_CONTROL_OVER_RUNS)
                .get();
        driver.close();
        Files.delete(directory);
        assertEquals(List.of(), errors);
        assertEquals(0, overruns, "more was sent than the receiver had room for");
    }

    private String channel(final int mtu) {
        return "aeron:udp?endpoint=127.0.0.1:" + port + "|mtu=" + mtu;
    }

    /** Messages of many lengths, each of which says its number and is filled by it. */
    private final class Stream {
        final ExclusivePublication publication;
        final int longestPayload;
        final Random lengths;
        final Random expected;
        final double shortOnes;
        int sent;
        int came;
        final FragmentHandler check = (buffer, offset, length, header) -> {
            assertEquals(came, buffer.getInt(offset));
            assertEquals(length(expectedLengths()), length);
            for (int i = Integer.BYTES; i < length; i++) {
                if (buffer.getByte(offset + i) != (byte) (came + i)) {
                    throw new AssertionError("byte " + i + " of message " + came + " is another one");
                }
            }
            came++;
        };

        Stream(final int mtu, final double shortOnes) {
            publication = aeron.addExclusivePublication(channel(mtu), STREAM);
            longestPayload = mtu - DataHeaderFlyweight.HEADER_LENGTH;
            lengths = new Random(mtu);
            expected = new Random(mtu);
            this.shortOnes = shortOnes;
        }

        private Random expectedLengths() {
            return expected;
        }

        private int length(final Random from) {
            return from.nextDouble() < shortOnes
                    ? Integer.BYTES + from.nextInt(longestPayload - Integer.BYTES)
                    : longestPayload;
        }

        private int next = -1;

        boolean offer() {
            next = next < 0 ? length(lengths) : next;
            if (publication.tryClaim(next, claim) < 0) {
                return false;
            }
            claim.buffer().putInt(claim.offset(), sent);
            for (int i = Integer.BYTES; i < next; i++) {
                claim.buffer().putByte(claim.offset() + i, (byte) (sent + i));
            }
            claim.commit();
            sent++;
            next = -1;
            return true;
        }
    }

    private void carry(final int messages, final Stream... streams) {
        final long beganNs = System.nanoTime();
        try (Subscription subscription = aeron.addSubscription("aeron:udp?endpoint=127.0.0.1:" + port, STREAM)) {
            for (int done = 0; done < streams.length; ) {
                done = 0;
                boolean isIdle = true;
                for (final Stream stream : streams) {
                    while (stream.sent < messages && stream.offer()) {
                        isIdle = false;
                    }
                    final var image = subscription.imageBySessionId(stream.publication.sessionId());
                    isIdle &= image == null || image.poll(stream.check, 64) == 0;
                    done += stream.came == messages ? 1 : 0;
                }
                if (isIdle) {
                    LockSupport.parkNanos(100_000);
                }
                assertTrue(
                        System.nanoTime() - beganNs < DEADLINE_NS,
                        () -> streams[0].came + " of " + messages + " messages came, " + errors);
            }
        }
    }

    private static void assumeOffload() throws IOException {
        try (DatagramChannel channel = DatagramChannel.open()) {
            assumeTrue(
                    new SocketOffload(channel).segment(MTU),
                    "this system or this Java does not let packets be batched");
        }
    }

    @Test
    void shouldCarryManyPacketsWithOneCall() throws IOException {
        assumeOffload();
        carry(10_000, new Stream(MTU, 0));
        assertTrue(longest > 8 * MTU && longest % MTU == 0, () -> "the longest was of " + longest + " bytes");
    }

    @Test
    void shouldCarryMessagesOfEveryLength() {
        carry(10_000, new Stream(MTU, 0.05));
    }

    @Test
    void shouldSendAgainWhatWasLost() {
        loss = 0.05;
        carry(10_000, new Stream(MTU, 0.01));
    }

    @Test
    void shouldCarryStreamsWithPacketsOfTwoLengthsToOnePort() {
        final Stream small = new Stream(MTU, 0.05);
        carry(1_000, small);
        carry(2_000, small, new Stream(8_192, 0.05));
        carry(3_000, small);
    }

    @Test
    void shouldCarrySeveralStreamsToOnePort() {
        loss = 0.01;
        carry(3_000, new Stream(MTU, 0.01), new Stream(MTU, 0.3), new Stream(MTU, 0));
    }

    @Test
    void shouldStopAtTheEndOfTheRoomThatTheReceiverHas() throws IOException {
        final Stream stream = new Stream(MTU, 0);
        try (Subscription subscription = aeron.addSubscription("aeron:udp?endpoint=127.0.0.1:" + port, STREAM)) {
            final long beganNs = System.nanoTime();
            while (stream.came < 200) {
                // One message at a time is taken: the window opens by little, and is full all the time.
                while (stream.offer()) {
                    Thread.onSpinWait();
                }
                subscription.poll(stream.check, 1);
                assertTrue(System.nanoTime() - beganNs < DEADLINE_NS, () -> stream.came + " came, " + errors);
            }
        }
        assertTrue(stream.sent * (long) FULL > 256 << 10, "the window was never full");
    }
}
