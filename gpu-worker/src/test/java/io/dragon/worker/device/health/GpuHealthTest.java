package io.dragon.worker.device.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.worker.device.DeviceFigures;
import io.dragon.worker.device.DeviceHealth;
import io.dragon.worker.device.DeviceHealth.State;
import io.dragon.worker.device.HealthSource;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class GpuHealthTest {
    private static final long SECOND = 1_000_000_000L;

    private final ScriptedGpu gpu = new ScriptedGpu();
    private final AtomicLong nowNs = new AtomicLong(-SECOND);
    private final GpuHealth health = new GpuHealth(() -> gpu, HealthSettings.DEFAULT, nowNs::get, error -> {
        throw new AssertionError(error);
    });

    @Test
    void shouldLookTwiceASecond() {
        assertEquals(State.UNKNOWN, health.health().state());
        assertSame(DeviceFigures.NONE, health.figures());
        assertEquals(1, health.doWork());
        assertSame(DeviceHealth.OK, health.health());
        assertEquals(new DeviceFigures(-SECOND, 50, 990, 1L << 37, 1L << 30, 250_000, 700_000, 3, 0), health.figures());
        gpu.celsius(95);
        nowNs.addAndGet(SECOND / 2 - 1);
        assertEquals(0, health.doWork());
        nowNs.addAndGet(1);
        assertEquals(1, health.doWork());
        assertEquals(State.FAILED, health.health().state());
        assertEquals(95, health.figures().temperatureCelsius());
    }

    /** A look that waits for the instruments' answer. */
    private Thread lookInVain(final CountDownLatch answers) {
        gpu.silent(answers);
        final Thread looking = new Thread(health::doWork);
        looking.start();
        while (looking.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        return looking;
    }

    /** Time passes, and others ask meanwhile, as the control thread of a worker does. */
    private void pass(final long ns) {
        for (long left = ns; left > 0; left -= SECOND / 20) {
            nowNs.addAndGet(Math.min(left, SECOND / 20));
            health.health();
        }
    }

    @Test
    void shouldSayWhenNobodyLooks() {
        health.doWork();
        pass(5 * SECOND);
        assertEquals(
                new DeviceHealth(State.UNKNOWN, "the GPU's instruments have not answered for 5.0 s"), health.health());
        gpu.celsius(95);
        health.doWork();
        pass(6 * SECOND);
        assertEquals(State.FAILED, health.health().state());
        assertTrue(health.health().text().endsWith("; the GPU's instruments have not answered for 6.0 s"));
    }

    @Test
    void shouldGiveNoWorkWithinTwoSecondsToAGpuWhoseInstrumentsDoNotAnswerAnyMore() throws InterruptedException {
        health.doWork();
        nowNs.addAndGet(SECOND / 2);
        final CountDownLatch answers = new CountDownLatch(1);
        final Thread looking = lookInVain(answers);
        assertSame(DeviceHealth.OK, health.health());
        pass(SECOND + SECOND / 5);
        assertSame(DeviceHealth.OK, health.health());
        pass(SECOND / 20);
        assertEquals(
                new DeviceHealth(
                        State.FAILED, "the GPU's instruments have not answered for 1.3 s: its driver may have hung"),
                health.health());
        gpu.silent(null);
        answers.countDown();
        looking.join();
        assertEquals(State.FAILED, health.health().state(), "it is watched for a while");
        nowNs.addAndGet(10 * SECOND);
        health.doWork();
        assertSame(DeviceHealth.OK, health.health());
    }

    private void answer(final Thread looking, final CountDownLatch answers) throws InterruptedException {
        gpu.silent(null);
        answers.countDown();
        looking.join();
    }

    /** As nvidia-smi is on a loaded host, whose driver is well. */
    @Test
    void shouldSayThatInstrumentsAreSlowAndBlameNoGpuForIt() throws InterruptedException {
        gpu.patience(Long.MAX_VALUE);
        health.doWork();
        final DeviceHealth slow =
                new DeviceHealth(State.OK, "the GPU's instruments answer slowly, so that a fault of it is seen late");
        for (int i = 0; i < 3; i++) {
            nowNs.addAndGet(SECOND / 2);
            final CountDownLatch answers = new CountDownLatch(1);
            final Thread looking = lookInVain(answers);
            pass(3 * SECOND);
            assertEquals(i == 0 ? DeviceHealth.OK : slow, health.health());
            answer(looking, answers);
            assertEquals(slow, health.health());
        }
        for (int i = 0; i < 10; i++) {
            nowNs.addAndGet(SECOND / 2);
            health.doWork();
        }
        assertSame(DeviceHealth.OK, health.health());
    }

    /** NVML tells nothing any more, and nvidia-smi, which is slow, is asked in the same look. */
    @Test
    void shouldGiveALookThePatienceOfTheInstrumentsThatAnswerAtLast() throws InterruptedException {
        health.doWork();
        nowNs.addAndGet(SECOND / 2);
        final CountDownLatch answers = new CountDownLatch(1);
        final Thread looking = lookInVain(answers);
        gpu.patience(Long.MAX_VALUE);
        pass(3 * SECOND);
        assertEquals(State.OK, health.health().state());
        answer(looking, answers);
        assertEquals(State.OK, health.health().state());
    }

    /** A process that is stopped for a while, or whose machine is, in the midst of a look or between two. */
    @Test
    void shouldNotTakeTimeInWhichTheProcessStoodStillForSilenceOfTheGpu() throws InterruptedException {
        health.doWork();
        nowNs.addAndGet(SECOND / 2);
        final CountDownLatch answers = new CountDownLatch(1);
        final Thread looking = lookInVain(answers);
        pass(SECOND / 2);
        nowNs.addAndGet(3 * SECOND); // and whoever asks first when it goes on
        assertSame(DeviceHealth.OK, health.health());
        nowNs.addAndGet(3 * SECOND);
        gpu.silent(null);
        answers.countDown();
        looking.join(); // the look itself took more than six seconds
        assertSame(DeviceHealth.OK, health.health());
        nowNs.addAndGet(60 * SECOND);
        assertSame(DeviceHealth.OK, health.health(), "between two looks");
        health.doWork();
        assertSame(DeviceHealth.OK, health.health());
    }

    @Test
    void shouldNotBlameAGpuWhoseInstrumentsNeverAnswered() throws InterruptedException {
        final CountDownLatch answers = new CountDownLatch(1);
        final Thread looking = lookInVain(answers);
        pass(20 * SECOND);
        assertEquals(State.UNKNOWN, health.health().state());
        answers.countDown();
        looking.join();
        assertSame(DeviceHealth.OK, health.health());
    }

    @Test
    void shouldAnswerWhileTheInstrumentsDoNotAndCloseWithoutThem() throws InterruptedException {
        final CountDownLatch never = new CountDownLatch(1);
        gpu.silent(never);
        final AtomicReference<Throwable> error = new AtomicReference<>();
        final CountDownLatch opened = new CountDownLatch(1);
        final GpuHealth watching = GpuHealth.watch(
                () -> {
                    opened.countDown();
                    return gpu;
                },
                HealthSettings.DEFAULT,
                error::set);
        assertTrue(opened.await(10, TimeUnit.SECONDS));
        assertEquals(State.UNKNOWN, watching.health().state());
        watching.close();
        watching.close();
        assertTrue(gpu.isClosed() || error.get() != null);
        never.countDown();
    }

    @Test
    void shouldWatchByItselfAndLetGo() {
        final HealthSettings quick = new HealthSettings(true, 1_000_000, 90, 80, SECOND, SECOND, Set.of(79), Set.of());
        try (GpuHealth watching = GpuHealth.watch(() -> gpu, quick, error -> {})) {
            await(watching, State.OK);
            gpu.xid(79);
            await(watching, State.FAILED);
            await(watching, State.OK);
            assertEquals("a script", watching.words());
        }
        assertTrue(gpu.isClosed());
    }

    private static void await(final HealthSource source, final State state) {
        final long deadlineNs = System.nanoTime() + 10 * SECOND;
        while (source.health().state() != state) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> "it is " + source.health());
            Thread.yield();
        }
    }

    @Test
    void shouldNotWatchWhenThatIsNotWanted() {
        final HealthSettings off = new HealthSettings(false, SECOND, 90, 80, SECOND, SECOND, Set.of(), Set.of());
        assertSame(HealthSource.NONE, GpuHealth.watch("GPU-x", off, error -> {}));
    }

    @Test
    void shouldSayWhatIsMissingOnAMachineWithoutAGpu() {
        org.junit.jupiter.api.Assumptions.assumeFalse(
                java.nio.file.Files.exists(java.nio.file.Path.of("/proc/driver/nvidia")), "this machine has a GPU");
        try (HealthSource source = GpuHealth.watch("GPU-x", HealthSettings.DEFAULT, error -> {})) {
            final long deadlineNs = System.nanoTime() + 10 * SECOND;
            while (!source.health().text().contains("NVML")) {
                assertTrue(System.nanoTime() - deadlineNs < 0, () -> "it is " + source.health());
                Thread.yield();
            }
            assertEquals(State.UNKNOWN, source.health().state());
            assertFalse(source.health().text().isEmpty());
            System.out.println(source.health().text());
        }
    }
}
