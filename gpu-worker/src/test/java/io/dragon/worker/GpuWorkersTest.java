package io.dragon.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.codecs.control.DeviceState;
import io.dragon.engine.client.ClusterStatus;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.config.Timeouts;
import io.dragon.worker.device.CudaDevice;
import io.dragon.worker.device.DeviceHealth;
import io.dragon.worker.device.DeviceOptions;
import io.dragon.worker.device.EmulatedDriver;
import io.dragon.worker.device.GpuException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The voxel job on workers with emulated GPUs, beside those with processors: the same bytes, whatever goes wrong with a GPU. */
class GpuWorkersTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int STEPS = 4;

    private final List<Throwable> errors = new ArrayList<>();
    private EmbeddedDragon dragon;
    private DragonClient client;
    private CarvedSteps expected;

    @AfterEach
    void stop() {
        dragon.close();
    }

    /** What workers with processors make of the job; one of them stays. */
    private void start(final Timeouts timeouts) {
        dragon = EmbeddedDragon.launch(
                new EmbeddedContext().workers(1).window(4).timeouts(timeouts).errorHandler(this::note));
        client = dragon.connect("client");
        expected = run("processor");
    }

    private synchronized void note(final Throwable error) {
        errors.add(error);
    }

    private synchronized String errors() {
        return errors.toString();
    }

    /** Launches count from 0; the processor beside it may be so quick that a GPU gets little of one run. */
    private void runUntilItsLaunch(final EmulatedDriver driver, final int number, final String name) {
        final long deadlineNs = System.nanoTime() + TIMEOUT.toNanos();
        for (int i = 0; driver.launches() <= number; i++) {
            assertTrue(System.nanoTime() - deadlineNs < 0, () -> name + ": launched only " + driver.launches());
            expected.assertSame(run(name + '-' + i));
        }
    }

    private CarvedSteps run(final String name) {
        return CarvedSteps.run(client, name, STEPS, this::errors);
    }

    private static CudaDevice device(final EmulatedDriver driver) {
        return new CudaDevice(driver, DeviceOptions.DEFAULT);
    }

    @Test
    void shouldMakeTheSameOfItOnOneGpuOnTwoAndBesideAProcessor() {
        start(Timeouts.ci());
        final EmulatedDriver first = new EmulatedDriver(1);
        final EmulatedDriver second = new EmulatedDriver(2);
        final WorkerNode worker = dragon.addWorker(device(first));
        assertEquals("GpuMask", worker.handlers().get("mask").getSimpleName());
        expected.assertSame(run("beside"));
        dragon.workers().get(0).close();
        final int before = first.launches();
        expected.assertSame(run("alone"));
        assertTrue(first.launches() > before + STEPS * CarvedSteps.CAMERAS);
        dragon.addWorker(device(second));
        expected.assertSame(run("two"));
        assertTrue(first.launches() > 0 && second.launches() > 0, "both GPUs have worked");
        dragon.workers().forEach(WorkerNode::close);
        assertEquals("", first.leaks());
        assertEquals("", second.leaks());
    }

    /** What is said at the start is part of the device's description; from there on it comes with its health. */
    @Test
    void shouldTellInStatusThatAPoolCouldNotBePinnedAlthoughOthersCould() {
        start(Timeouts.ci());
        final EmulatedDriver driver = new EmulatedDriver(3);
        dragon.addWorker(device(driver));
        dragon.workers().get(0).close();
        expected.assertSame(run("pinned"));
        assertTrue(gpu().device().endsWith("frames are read in place"), () -> gpu().device());
        assertEquals("", gpu().gpu().text());
        driver.refuseRegistration(GpuException.NOT_PERMITTED);
        expected.assertSame(run("refused"));
        Tests.await(
                () -> gpu().gpu().text().startsWith("frames pass the staging ring: this memory cannot be pinned here"),
                TIMEOUT,
                () -> gpu().toString());
        assertEquals(DeviceState.OK, gpu().gpu().state());
        assertTrue(
                client.status().health().reasons().stream().noneMatch(reason -> reason.contains("staging")),
                "slower is not ill");
    }

    private ClusterStatus.Worker gpu() {
        return client.status().workers().stream()
                .filter(worker -> worker.device().startsWith("Emulated GPU"))
                .findFirst()
                .orElseThrow();
    }

    /** An allocation fails in the midst of it, whichever task it is. */
    @Test
    void shouldCutWhatDoesNotFitIntoAGpu() {
        start(Timeouts.ci());
        for (int i = 1; i < 16; i += 3) {
            final EmulatedDriver driver = new EmulatedDriver(i).failAllocation(i);
            final WorkerNode worker = dragon.addWorker(device(driver));
            if (i == 1) {
                dragon.workers().get(0).close();
            }
            expected.assertSame(run("short-" + i));
            assertTrue(driver.allocations() > i, "it was short of memory");
            assertEquals("", worker.endReason());
            if (i > 1) {
                dragon.workers().get(dragon.workers().size() - 2).close();
            }
        }
    }

    @Test
    void shouldHaveDoneElsewhereWhatALostGpuHad() {
        start(Timeouts.ci());
        final int[] codes = {GpuException.ILLEGAL_ADDRESS, GpuException.ECC_UNCORRECTABLE, GpuException.UNKNOWN};
        for (int i = 0; i < codes.length; i++) {
            final int failing = 3 + 7 * i;
            final EmulatedDriver driver = new EmulatedDriver(i).failLaunch(failing, codes[i]);
            final CudaDevice device = device(driver);
            final WorkerNode worker = dragon.addWorker(device);
            runUntilItsLaunch(driver, failing, "lost-" + i);
            assertTrue(worker.mustEnd(), "its process is to end");
            assertTrue(worker.endReason().contains("error " + codes[i]), worker::endReason);
            assertEquals(DeviceHealth.State.FAILED, device.health().state());
            worker.close(); // and its supervisor starts another
        }
        dragon.addWorker(device(new EmulatedDriver(9)));
        expected.assertSame(run("again"));
    }

    @Test
    void shouldHaveDoneElsewhereWhatAHungGpuHad() {
        start(Timeouts.ci().with(Timeouts.Key.TASK_FLOOR, TimeUnit.SECONDS.toNanos(2)));
        final EmulatedDriver driver = new EmulatedDriver(5).hangAtLaunch(4);
        final AtomicLong nowNs = new AtomicLong();
        final CudaDevice device = driver.device(TimeUnit.SECONDS.toNanos(30), nowNs::get);
        final WorkerNode worker = dragon.addWorker(device);
        runUntilItsLaunch(driver, 4, "hung");
        Tests.await(() -> client.status().toString().contains("SUSPECT"), TIMEOUT, () -> client.status()
                .toString());
        assertEquals("", worker.endReason());
        Tests.await(
                () -> {
                    nowNs.addAndGet(TimeUnit.SECONDS.toNanos(1)); // it asks again meanwhile, or not
                    return worker.mustEnd();
                },
                TIMEOUT,
                () -> "a worker whose GPU hangs goes on");
        assertEquals(
                "the GPU has not finished the work of a task after 30000 ms; this process cannot use it any more.",
                worker.endReason());
        assertEquals(DeviceHealth.State.FAILED, device.health().state());
        worker.close(); // and its supervisor starts another
        dragon.addWorker(device(new EmulatedDriver(9)));
        expected.assertSame(run("again"));
    }
}
