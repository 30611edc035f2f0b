package io.dragon.worker.device.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.dragon.worker.device.DeviceHealth;
import io.dragon.worker.device.DeviceHealth.State;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class HealthRuleTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long STEP = SECOND / 2;

    private final HealthRule rule = new HealthRule(HealthSettings.DEFAULT);
    private long nowNs = -3 * SECOND;

    private static GpuSample sample(final Consumer<GpuSample.Reading> reading) {
        final GpuSample.Reading made = new GpuSample.Reading();
        made.temperatureCelsius = 50;
        made.eccUncorrected = 4;
        reading.accept(made);
        return made.sample();
    }

    private DeviceHealth on(final Consumer<GpuSample.Reading> reading) {
        nowNs += STEP;
        return rule.on(sample(reading), nowNs);
    }

    private DeviceHealth well() {
        return on(reading -> {});
    }

    private DeviceHealth at(final int celsius) {
        return on(reading -> reading.temperatureCelsius = celsius);
    }

    /** Samples without any fault until it is well. */
    private long secondsUntilWell() {
        final long begunNs = nowNs;
        while (!well().equals(DeviceHealth.OK)) {
            assertTrue(nowNs - begunNs < 100 * SECOND, "it never comes back");
        }
        return (nowNs - begunNs) / SECOND;
    }

    @Test
    void shouldFindNothingWrongWithAGpuThatIsWellOrTellsLittle() {
        assertEquals(DeviceHealth.OK, well());
        assertEquals(DeviceHealth.OK, rule.on(new GpuSample.Reading().sample(), nowNs));
        assertEquals(DeviceHealth.OK, on(reading -> reading.throttleBits = 0x1 | 0x2 | 0x4 | 0x10 | 0x100));
    }

    @Test
    void shouldTakeAHotGpuOutAtOnceAndBringItBackWhenItHasBeenCoolForATime() {
        assertEquals(State.OK, at(89).state());
        final DeviceHealth hot = at(90);
        assertEquals(State.FAILED, hot.state());
        assertEquals("the GPU is too hot: 90 C, limit 90, gets work again at 80", hot.text());
        assertEquals(State.FAILED, at(89).state());
        assertEquals("the GPU is too hot: 81 C, limit 90, gets work again at 80", at(81).text());
        assertEquals(State.FAILED, at(80).state());
        assertEquals(9, secondsUntilWell(), "10 s after the last sample above 80");
    }

    @Test
    void shouldNotComeBackWhileTheTemperatureFlaps() {
        at(95);
        for (int i = 0; i < 500; i++) {
            assertEquals(State.FAILED, at(i % 2 == 0 ? 79 : 89).state());
            assertEquals(State.FAILED, at(i % 2 == 0 ? 91 : 70).state());
        }
        secondsUntilWell();
        for (int i = 0; i < 500; i++) {
            assertEquals(State.OK, at(i % 2 == 0 ? 81 : 89).state(), "between the thresholds it is as it was");
        }
    }

    @Test
    void shouldHeedTheTemperatureAtWhichTheGpuSwitchesItselfOff() {
        assertEquals(
                State.OK,
                on(reading -> {
                            reading.shutdownCelsius = 85;
                            reading.temperatureCelsius = 81;
                        })
                        .state());
        for (final int margin : new int[] {-8, -1, 0, 8}) {
            assertEquals(
                    State.OK,
                    on(reading -> {
                                reading.shutdownCelsius = margin;
                                reading.temperatureCelsius = 81;
                            })
                            .state());
        }
        final DeviceHealth hot = on(reading -> {
            reading.shutdownCelsius = 85;
            reading.temperatureCelsius = 82;
        });
        assertEquals("the GPU is too hot: 82 C, limit 82, gets work again at 80", hot.text());
    }

    @Test
    void shouldStayHotAsLongAsNobodySeesThatItIsCooler() {
        at(95);
        for (int i = 0; i < 100; i++) {
            assertEquals(State.FAILED, at(-1).state());
        }
        secondsUntilWell();
    }

    @Test
    void shouldTakeAGpuOutForNewUncorrectedErrorsAndNotForOldOnes() {
        assertEquals(State.OK, well().state(), "4 were there before");
        final DeviceHealth health = on(reading -> reading.eccUncorrected = 5);
        assertEquals(State.FAILED, health.state());
        assertEquals("1 memory error was not corrected (ECC), 5 in all", health.text());
        for (int i = 0; i < 100; i++) {
            assertEquals(State.FAILED, on(reading -> reading.eccUncorrected = 5).state());
        }
        for (int i = 0; i < 20; i++) {
            on(reading -> reading.eccUncorrected = 5);
        }
        assertEquals(State.OK, on(reading -> reading.eccUncorrected = 5).state(), "a minute later");
        assertEquals(State.OK, on(reading -> reading.eccUncorrected = 0).state(), "the driver was loaded anew");
        assertEquals(
                "2 memory errors were not corrected (ECC), 2 in all",
                on(reading -> reading.eccUncorrected = 2).text());
    }

    @Test
    void shouldTakeAGpuOutForFatalErrorsOfTheDriverAndOnlyTellOfOthers() {
        assertEquals(
                State.OK, on(reading -> reading.xids = List.of(13, 31, 43, 45)).state(), "a program's own fault");
        final DeviceHealth warned = on(reading -> reading.xids = List.of(63));
        assertEquals(State.DEGRADED, warned.state());
        assertEquals("driver error XID 63, a bad row or page of memory was noted for replacement", warned.text());
        final DeviceHealth fatal = on(reading -> reading.xids = List.of(48));
        assertEquals(State.FAILED, fatal.state());
        assertEquals("driver error XID 48, a memory error could not be corrected; " + warned.text(), fatal.text());
        assertEquals(60, secondsUntilWell());
    }

    @Test
    void shouldKeepAGpuOutThatIsLostAndSeeItComeBack() {
        for (int i = 0; i < 200; i++) {
            final DeviceHealth lost = on(reading -> reading.access = GpuSample.Access.LOST);
            assertEquals(new DeviceHealth(State.FAILED, "the GPU has fallen off the bus"), lost);
        }
        assertEquals(
                "the GPU has to be reset (nvidia-smi --gpu-reset)",
                on(reading -> reading.access = GpuSample.Access.NEEDS_RESET).text());
        assertEquals(10, secondsUntilWell());
    }

    @Test
    void shouldTellRowsAndPagesOfBadMemory() {
        final DeviceHealth pending = on(reading -> {
            reading.rowsPending = 1;
            reading.pagesPending = 1;
        });
        assertEquals(State.DEGRADED, pending.state());
        assertEquals(
                "a bad row of the GPU's memory is replaced at its next reset; "
                        + "a bad page of the GPU's memory is retired at the next start of the driver",
                pending.text());
        assertEquals(State.FAILED, on(reading -> reading.rowsFailed = 1).state());
    }

    @Test
    void shouldTellWhyAGpuIsSlow() {
        assertEquals(
                "the GPU is slow: half clocks or less (temperature)",
                on(reading -> reading.throttleBits = 0x8 | 0x40 | 0x4).text());
        assertEquals(
                "the GPU is slow: half clocks or less",
                on(reading -> reading.throttleBits = 0x8).text());
        final DeviceHealth all = on(reading -> reading.throttleBits = 0x20 | 0x40 | 0x80);
        assertEquals(State.DEGRADED, all.state());
        assertEquals(
                "the GPU is slow: lower clocks by its driver (temperature), half clocks or less (temperature),"
                        + " half clocks or less (power supply)",
                all.text());
        assertTrue(all.text().length() <= 128, "status shows so much");
    }

    @Test
    void shouldTellEveryDriverErrorOnce() {
        on(reading -> reading.xids = List.of(48));
        assertEquals(
                "driver errors XID 48, 79: a memory error could not be corrected, it has fallen off the bus",
                on(reading -> reading.xids = List.of(79, 48)).text());
        secondsUntilWell();
        assertEquals(
                "driver error XID 79, it has fallen off the bus",
                on(reading -> reading.xids = List.of(79)).text(),
                "those before are over");
    }

    @Test
    void shouldSayWhenNothingCanBeReadAndNotTakeThatForHealth() {
        nowNs += STEP;
        assertEquals(
                new DeviceHealth(State.UNKNOWN, "there is no nvidia-smi"),
                rule.on(GpuSample.unknown("there is no nvidia-smi"), nowNs));
        at(95);
        for (int i = 0; i < 200; i++) {
            nowNs += STEP;
            final DeviceHealth blind = rule.on(GpuSample.unknown("NVML is gone"), nowNs);
            assertEquals(State.FAILED, blind.state());
            assertEquals("the GPU is too hot: 95 C, limit 90, gets work again at 80; NVML is gone", blind.text());
        }
        assertEquals(State.FAILED, well().state(), "it has to be seen to be well for a time");
        assertEquals(10, secondsUntilWell());
    }

    @Test
    void shouldRefuseThresholdsTheWrongWayRound() {
        assertEquals(
                "a GPU that gets no work at 80 degrees gets it again at less than that, not at 80",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new HealthSettings(true, 1, 80, 80, 1, 1, Set.of(), Set.of()))
                        .getMessage());
    }
}
