package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.driver.ext.DebugSendChannelEndpoint;
import io.aeron.driver.ext.LossGenerator;
import io.dragon.engine.config.DragonDirectory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A media driver whose thread stands still, because the machine is busy, takes streams for dead that were only not heard meanwhile, and what was on its
 * way is lost. The transport tells so, and opens the stream again; whoever is told asks for what is missing.
 */
final class StalledDriverTest {
    private static final String HOST = "127.0.0.1";
    private static final int LENGTH = 8 << 20;
    private static final long LIVENESS_NS = 200_000_000;
    private static final long DEADLINE_NS = 20_000_000_000L;

    private final DragonDirectory directory = TransferHost.sharedDirectory();
    private final List<Throwable> errors = new ArrayList<>();
    private final LossGenerator stall = (address, buffer, length) -> stall();
    private MediaDriver driver;
    private long stalledNs;
    private boolean stalls;

    @AfterEach
    void after() {
        driver.close();
        IoUtil.delete(directory.path().toFile(), true);
    }

    /** Nothing is sent any more, and when the thread goes on it is later. */
    private boolean stall() {
        stalledNs += stalls ? 2 * LIVENESS_NS : 0;
        return stalls;
    }

    @Test
    void shouldTellOfAStreamThatIsLostAndOpenItAgain() {
        final LossGenerator none = (address, buffer, length) -> false;
        driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(directory.aeron().toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.INVOKER)
                .timerIntervalNs(50_000_000)
                .imageLivenessTimeoutNs(LIVENESS_NS)
                .publicationConnectionTimeoutNs(LIVENESS_NS)
                .nanoClock(() -> System.nanoTime() + stalledNs)
                .sendChannelEndpointSupplier((channel, status, context) ->
                        new DebugSendChannelEndpoint(channel, status, context, stall, none)));
        final int port = FreePort.find();
        try (TransportEnd receiver = end(port);
                TransportEnd sender = end(FreePort.find())) {
            final Lane lane = sender.transport.open(HOST, port);
            await(() -> lane.isConnected() && receiver.inlets.size() == 1, sender, receiver);
            await(() -> sends(sender, lane) && receiver.bytesArrived > LENGTH / 4, sender, receiver);
            stalls = true;
            await(() -> sends(sender, lane) && stalledNs > 0, sender, receiver);
            stalls = false;
            await(() -> sends(sender, lane) && receiver.closed == 1, sender, receiver);
            await(() -> sends(sender, lane) && receiver.hasLastOf(sender), sender, receiver);
            assertEquals(1, receiver.inlets.size());
            assertTrue(receiver.bytesArrived < LENGTH, "nothing was lost");
        }
        assertEquals(List.of(), errors);
    }

    private TransportEnd end(final int port) {
        final Aeron aeron = Aeron.connect(new Aeron.Context()
                .useConductorAgentInvoker(true)
                .driverAgentInvoker(driver.sharedAgentInvoker())
                .aeronDirectoryName(driver.aeronDirectoryName()));
        final TransferContext ctx = new TransferContext()
                .bindAddress(HOST)
                .port(port)
                .mtu(8_192)
                .window(256 * 1024)
                .errorHandler(errors::add);
        return new TransportEnd(
                TransportKind.UDP.create(ctx, aeron), aeron, ByteBuffer.allocateDirect(LENGTH), null, LENGTH);
    }

    private static boolean sends(final TransportEnd sender, final Lane lane) {
        sender.sendPieces(lane, LENGTH, lane.longestPiece());
        return true;
    }

    private void await(final BooleanSupplier condition, final TransportEnd... ends) {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            driver.sharedAgentInvoker().invoke();
            for (final TransportEnd end : ends) {
                end.poll();
            }
            assertTrue(System.nanoTime() - deadlineNs < 0, "waited too long");
        }
    }
}
