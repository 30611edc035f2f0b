package io.dragon.engine.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.AeronCounters;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.dragon.engine.config.DragonDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the media driver keeps of lanes that are closed. */
final class UdpLaneTest {
    private static final String HOST = "127.0.0.1";
    private static final int NOBODY = 9;
    private static final long LINGER_NS = 1_000_000;
    private static final long DEADLINE_NS = 10_000_000_000L;

    private final DragonDirectory directory = TransferHost.sharedDirectory();
    private final List<Throwable> errors = new ArrayList<>();
    private final MediaDriver driver = MediaDriver.launch(new MediaDriver.Context()
            .aeronDirectoryName(directory.aeron().toString())
            .dirDeleteOnStart(true)
            .dirDeleteOnShutdown(true)
            .threadingMode(ThreadingMode.INVOKER)
            .timerIntervalNs(1_000_000)
            .publicationLingerTimeoutNs(LINGER_NS));

    @AfterEach
    void after() {
        driver.close();
        IoUtil.delete(directory.path().toFile(), true);
    }

    @Test
    void shouldLeaveNothingBehindThatIsClosedBeforeTheDriverHasMadeIt() {
        final Aeron aeron = Aeron.connect(new Aeron.Context()
                .useConductorAgentInvoker(true)
                .driverAgentInvoker(driver.sharedAgentInvoker())
                .aeronDirectoryName(driver.aeronDirectoryName()));
        final TransferContext ctx = new TransferContext()
                .bindAddress(HOST)
                .port(0)
                .window(256 * 1024)
                .errorHandler(errors::add);
        try (TransportEnd end = new TransportEnd(TransportKind.UDP.create(ctx, aeron), aeron, null, null, 0)) {
            final Lane lane = end.transport.open(HOST, NOBODY);
            lane.close();
            end.poll();
            assertTrue(lane.isClosed());
            // By then the driver has made whatever it was asked for before.
            final Lane later = end.transport.open(HOST, NOBODY);
            await(() -> streams(aeron) > 0 && ((UdpLane) later).isOpened(), end);
            later.close();
            await(() -> streams(aeron) == 0, end);
        }
        assertEquals(List.of(), errors);
    }

    private static int streams(final Aeron aeron) {
        final int[] count = {0};
        aeron.countersReader().forEach((counterId, typeId, key, label) -> {
            count[0] += typeId == AeronCounters.DRIVER_PUBLISHER_LIMIT_TYPE_ID ? 1 : 0;
        });
        return count[0];
    }

    private void await(final BooleanSupplier condition, final TransportEnd end) {
        final long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            driver.sharedAgentInvoker().invoke();
            end.poll();
            assertTrue(System.nanoTime() - startNs < DEADLINE_NS, "a stream stays in the media driver");
        }
    }
}
