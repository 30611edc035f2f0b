package io.dragon.worker.device.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** NVML that goes and comes back, and nvidia-smi meanwhile. */
class InstrumentsTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong nowNs = new AtomicLong(-SECOND);
    private final List<ScriptedGpu> opened = new ArrayList<>();
    private final ScriptedGpu smi = new ScriptedGpu();
    private String refusal = "";
    private final Instruments instruments = new Instruments(
            () -> {
                if (!refusal.isEmpty()) {
                    throw new Nvml.NvmlException(refusal);
                }
                opened.add(new ScriptedGpu());
                return opened.get(opened.size() - 1);
            },
            smi,
            nowNs::get);

    @Test
    void shouldOpenNvmlAgainAfterTheGpuWasLost() {
        assertEquals(50, instruments.sample().temperatureCelsius());
        opened.get(0).access(GpuSample.Access.LOST);
        nowNs.addAndGet(3 * SECOND);
        assertEquals(GpuSample.Access.LOST, instruments.sample().access());
        assertTrue(opened.get(0).isClosed());
        assertEquals(GpuSample.Access.REACHED, instruments.sample().access(), "it has come back");
        assertEquals(2, opened.size());
        assertFalse(opened.get(1).isClosed());
        instruments.close();
        assertTrue(opened.get(1).isClosed());
    }

    @Test
    void shouldAskNvidiaSmiWhileTheDriverIsRestartedAndTryNvmlNowAndThen() {
        instruments.sample();
        opened.get(0).unknown("NVML reads nothing of it");
        refusal = "NVML does not work: Driver Not Loaded (error 9)";
        smi.celsius(61);
        assertEquals(61, instruments.sample().temperatureCelsius(), "the other instruments answer for it at once");
        nowNs.addAndGet(2 * SECOND);
        smi.unknown("nvidia-smi says: no");
        assertEquals(refusal + ", and nvidia-smi says: no", instruments.sample().unknown());
        refusal = "";
        instruments.sample();
        assertEquals(1, opened.size(), "not at every look");
        nowNs.addAndGet(2 * SECOND);
        assertEquals(50, instruments.sample().temperatureCelsius());
        assertEquals("a script", instruments.words());
    }
}
