package io.dragon.worker.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.engine.config.DragonException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that come back late or never. Each question to the clock takes as long as a test wants. */
class DriverCallTest {
    private static final long SECOND = 1_000_000_000L;

    private final List<String> said = new ArrayList<>();
    private final CountDownLatch comesBack = new CountDownLatch(1);
    private final AtomicLong nowNs = new AtomicLong(-SECOND);
    private long stepNs = SECOND;

    @AfterEach
    void tellNobody() {
        DriverCall.whenSlow(sentence -> {});
        comesBack.countDown();
    }

    private long now() {
        return nowNs.getAndAdd(stepNs);
    }

    private String slow() {
        try {
            comesBack.await();
        } catch (final InterruptedException ex) {
            throw new IllegalStateException(ex);
        }
        return "late";
    }

    @Test
    void shouldSayThatItWaitsAndThenGiveUpAndTakeWhatComesLater() throws Exception {
        DriverCall.whenSlow(said::add);
        final CompletableFuture<String> late = new CompletableFuture<>();
        final GpuException hung = assertThrows(
                GpuException.class,
                () -> DriverCall.within(20 * SECOND, this::now, "to open the GPU", this::slow, late::complete));
        assertEquals(
                "NVIDIA's driver hangs: it was asked to open the GPU, and has not answered for 20s (sudo dmesg may show why;"
                        + " often only a restart of the host helps).",
                hung.getMessage());
        assertTrue(hung.isSticky());
        assertEquals(22 * SECOND, nowNs.get() + SECOND, "as long as it may take, and not longer");
        assertEquals(
                List.of(
                        "NVIDIA's driver is slow: it was asked to open the GPU, has not answered for 5s, and is given 20s."),
                said);
        assertTrue(DriverCall.isStuck());
        comesBack.countDown();
        assertEquals("late", late.get(10, TimeUnit.SECONDS), "so that it can be closed");
    }

    @Test
    void shouldGiveWhatComesInTime() {
        stepNs = SECOND / 1_000;
        assertEquals("GPU", DriverCall.within(20 * SECOND, this::now, "", () -> "GPU", late -> {}));
        final GpuException refused = new GpuException(GpuException.NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "there is none");
        assertEquals(
                refused,
                assertThrows(
                        GpuException.class,
                        () -> DriverCall.within(
                                20 * SECOND,
                                this::now,
                                "",
                                () -> {
                                    throw refused;
                                },
                                late -> {})));
    }

    @Test
    void shouldNotCountTimeInWhichTheProcessStoodStill() throws Exception {
        stepNs = 100 * SECOND;
        final Thread slowly = new Thread(() -> {
            while (nowNs.get() < 1_000 * SECOND) {
                Thread.onSpinWait();
            }
            comesBack.countDown();
        });
        slowly.start();
        assertEquals("late", DriverCall.within(60 * SECOND, this::now, "", this::slow, late -> {}));
        slowly.join();
    }

    @Test
    void shouldWaitForTheAnswerAlsoWhenItIsInterrupted() {
        stepNs = SECOND / 1_000;
        Thread.currentThread().interrupt();
        assertEquals("GPU", DriverCall.within(20 * SECOND, this::now, "", () -> "GPU", late -> {}));
        assertTrue(Thread.interrupted(), "and it is not forgotten");
    }

    @Test
    void shouldReadItsLimit() {
        assertEquals(50 * SECOND, DriverCall.limitNs(null));
        assertEquals(50 * SECOND, DriverCall.limitNs(" "));
        assertEquals(90 * SECOND, DriverCall.limitNs("90s"));
        final DragonException wrong = assertThrows(DragonException.class, () -> DriverCall.limitNs("90"));
        assertEquals(DragonException.WRONG_USAGE, wrong.exitCode());
        assertTrue(
                wrong.getMessage().startsWith("environment: 'DRAGON_GPU_START' '90' has no unit"), wrong::getMessage);
        assertFalse(wrong.getMessage().contains("null"));
    }
}
