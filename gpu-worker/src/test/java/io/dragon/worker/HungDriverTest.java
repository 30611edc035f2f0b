package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskHandle;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.EmulatedDriver;
import io.dragon.worker.hash.BlockTable;
import io.dragon.worker.hash.HashHandler;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A driver that does not come back from a call, with whatever locks it has. */
@Timeout(60)
class HungDriverTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Test
    void shouldLeaveWithoutCallingADriverThatDoesNotComeBack() throws Exception {
        try (EmbeddedDragon dragon =
                        EmbeddedDragon.launch(new EmbeddedContext().workers(0).errorHandler(error -> {}));
                DragonClient client = dragon.connect("client")) {
            final EmulatedDriver driver = new EmulatedDriver(1);
            final CudaDevice device = new CudaDevice(driver, DeviceOptions.DEFAULT);
            final CountDownLatch hangs = new CountDownLatch(1);
            final CountDownLatch comesBack = new CountDownLatch(1);
            driver.whileRegistering(() -> {
                hangs.countDown();
                while (comesBack.getCount() > 0) {
                    try {
                        comesBack.await(); // no interrupt reaches native code
                    } catch (final InterruptedException ex) {
                        continue;
                    }
                }
                return null;
            });
            final WorkerNode worker = dragon.addWorker(device);
            final TaskHandle task =
                    client.submit(TaskRequest.of(HashHandler.TYPE).input(FrameFormat.BLOCKS, frame()));
            assertTrue(hangs.await(20, TimeUnit.SECONDS));

            final FutureTask<Void> closing = new FutureTask<>(worker::close, null);
            new Thread(closing).start();
            closing.get(30, TimeUnit.SECONDS);
            assertTrue(device.isLost());
            assertTrue(device.mayStillRead(), "its frames stay leased until the process ends");
            assertFalse(task.isDone(), "it waits for another worker");
            comesBack.countDown();
            dragon.addWorker(new CudaDevice(new EmulatedDriver(2), DeviceOptions.DEFAULT));
            try (TaskOutcome outcome = task.get(TIMEOUT).orThrow()) {
                assertTrue(outcome.isCompleted());
            }
            assertEquals(0, client.statistics().tasksFailed());
        }
    }

    private static UnsafeBuffer frame() {
        final UnsafeBuffer frame = new UnsafeBuffer(new byte[BlockTable.dataOffset(1) + 100]);
        BlockTable.header(frame, 1);
        BlockTable.entry(frame, 0, BlockTable.dataOffset(1), 100, 0, true);
        return frame;
    }
}
