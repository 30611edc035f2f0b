package io.dragon.worker.device.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The binding, held to a library that a C compiler has laid out. */
class NvmlTelemetryTest {
    private NvmlTelemetry telemetry;

    @AfterEach
    void close() {
        if (telemetry != null) {
            telemetry.close();
        }
    }

    private FakeNvml fake() throws Exception {
        return FakeNvml.load(false);
    }

    private GpuSample sample(final FakeNvml fake) throws Exception {
        if (telemetry == null) {
            telemetry = NvmlTelemetry.open(fake.path, FakeNvml.UUID);
        }
        return telemetry.sample();
    }

    @Test
    void shouldReadStructuresWhereACompilerPutsThem() throws Exception {
        final FakeNvml fake = fake();
        assertEquals(
                List.of(24, 16, 8, 32, 8, 16),
                List.of(
                        fake.offset(0),
                        fake.offset(1),
                        fake.offset(2),
                        fake.offset(3),
                        fake.offset(4),
                        fake.offset(5)));
    }

    @Test
    void shouldReadEveryInstrument() throws Exception {
        final FakeNvml fake = fake();
        fake.set(FakeNvml.TEMPERATURE, 61);
        fake.set(FakeNvml.SHUTDOWN, 95);
        fake.set(FakeNvml.BUSY, 43);
        fake.set(FakeNvml.MEMORY_TOTAL, 150_000_000_000L);
        fake.set(FakeNvml.MEMORY_USED, 9_876_543_210L);
        fake.set(FakeNvml.POWER, 312_345);
        fake.set(FakeNvml.POWER_LIMIT, 700_000);
        fake.set(FakeNvml.CORRECTED, 5_000_000_000L);
        fake.set(FakeNvml.UNCORRECTED, 2);
        fake.set(FakeNvml.THROTTLE, 0x84);
        fake.set(FakeNvml.PENDING, 1);
        fake.set(FakeNvml.FAILED, 0);
        fake.set(FakeNvml.PAGES, 1);
        assertEquals(
                new GpuSample(
                        "",
                        GpuSample.Access.REACHED,
                        61,
                        95,
                        43,
                        150_000_000_000L,
                        9_876_543_210L,
                        312_345,
                        700_000,
                        5_000_000_000L,
                        2,
                        0x84,
                        1,
                        0,
                        1,
                        List.of()),
                sample(fake));
        assertEquals("NVML, driver 550.54.15", telemetry.words());
    }

    @Test
    void shouldTellErrorsOfTheDriverOnceAndInTheirOrderAndWaitForNone() throws Exception {
        final FakeNvml fake = fake();
        assertEquals(List.of(), sample(fake).xids());
        fake.xid(79);
        fake.xid(48);
        fake.xid(999);
        assertEquals(List.of(79, 48, 999), sample(fake).xids());
        assertEquals(List.of(), sample(fake).xids());
        fake.event(4);
        assertEquals(List.of(), sample(fake).xids(), "another kind of event");
    }

    @Test
    void shouldNotKnowWhatAnOldDriverDoesNotHave() throws Exception {
        final FakeNvml old = FakeNvml.load(true);
        old.set(FakeNvml.TEMPERATURE, 50);
        old.set(FakeNvml.THROTTLE, 0x40);
        telemetry = NvmlTelemetry.open(old.path, "1");
        final GpuSample sample = telemetry.sample();
        assertEquals(50, sample.temperatureCelsius());
        assertEquals(0x40, sample.throttleBits(), "by its older name");
        assertEquals(-1, sample.rowsPending());
        assertEquals(-1, sample.rowsFailed());
        assertEquals(List.of(), sample.xids());
        assertEquals(
                "NVML, driver 550.54.15; errors of the driver (XID) are not told: Some Error (error 13)",
                telemetry.words());
    }

    @Test
    void shouldNotKnowWhatTheGpuDoesNotSupport() throws Exception {
        final FakeNvml fake = fake();
        fake.set(FakeNvml.TEMPERATURE, 50);
        for (int number = FakeNvml.SHUTDOWN; number <= FakeNvml.EVENTS; number++) {
            fake.fail(number, Nvml.NOT_SUPPORTED);
        }
        final GpuSample sample = sample(fake);
        assertEquals(
                new GpuSample(
                        "", GpuSample.Access.REACHED, 50, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, List.of()),
                sample);
    }

    @Test
    void shouldSeeAGpuThatFallsOffTheBusAndOneThatNeedsAReset() throws Exception {
        final FakeNvml fake = fake();
        fake.set(FakeNvml.TEMPERATURE, 50);
        assertEquals(GpuSample.Access.REACHED, sample(fake).access());
        fake.fail(FakeNvml.LOST, Nvml.GPU_IS_LOST);
        assertEquals(GpuSample.Access.LOST, sample(fake).access());
        assertEquals("", sample(fake).unknown(), "that it is lost is known");
        fake.fail(FakeNvml.LOST, Nvml.RESET_REQUIRED);
        assertEquals(GpuSample.Access.NEEDS_RESET, sample(fake).access());
        fake.fail(FakeNvml.LOST, 999);
        assertEquals(
                "NVML reads nothing of it: Some Error (error 999)", sample(fake).unknown());
    }

    @Test
    void shouldSayWhyThereIsNone() throws Exception {
        final FakeNvml fake = fake();
        assertEquals(
                "NVML is not there (libnvidia-ml-of-nobody.so.1 cannot be loaded)",
                assertThrows(
                                Nvml.NvmlException.class,
                                () -> NvmlTelemetry.open("libnvidia-ml-of-nobody.so.1", FakeNvml.UUID))
                        .getMessage());
        assertEquals(
                "NVML does not give GPU GPU-of-nobody, it knows 2: Some Error (error 6)",
                assertThrows(Nvml.NvmlException.class, () -> NvmlTelemetry.open(fake.path, "GPU-of-nobody"))
                        .getMessage());
        fake.fail(FakeNvml.INIT, 9);
        assertEquals(
                "NVML does not work: Driver Not Loaded (error 9)",
                assertThrows(Nvml.NvmlException.class, () -> NvmlTelemetry.open(fake.path, FakeNvml.UUID))
                        .getMessage());
        assertEquals(0, fake.opened());
    }

    @Test
    void shouldLetGoOfEverything() throws Exception {
        final FakeNvml fake = fake();
        sample(fake);
        assertEquals(1, fake.opened());
        assertEquals(1, fake.eventSets());
        telemetry.close();
        telemetry.close();
        assertEquals(0, fake.opened());
        assertEquals(0, fake.eventSets());
        fake.set(FakeNvml.EVENTS, Nvml.NOT_SUPPORTED);
        telemetry = NvmlTelemetry.open(fake.path, FakeNvml.UUID);
        assertEquals(0, fake.eventSets(), "registering was refused");
        assertTrue(telemetry.words().contains("are not told"));
    }
}
