package io.dragon.worker.device.health;

import java.util.ArrayList;
import java.util.List;

/** The instruments of a GPU by NVML. A call that this GPU or this driver does not have makes its value unknown. */
final class NvmlTelemetry implements GpuTelemetry {
    private static final int MOST_XIDS = 16;

    private final Nvml nvml;
    private final String words;
    private final int shutdownCelsius;

    private NvmlTelemetry(final Nvml nvml) {
        this.nvml = nvml;
        this.shutdownCelsius = nvml.shutdownCelsius();
        final int result = nvml.watchXids();
        this.words = "NVML, driver " + nvml.driverVersion()
                + (result == Nvml.SUCCESS ? "" : "; errors of the driver (XID) are not told: " + nvml.words(result));
    }

    /**
     * Opens the instruments of one GPU.
     *
     * @param library name or path of the library.
     * @param id      its UUID, or its number in the order of PCI addresses.
     * @throws Nvml.NvmlException in words, when there is no such library or no such GPU.
     */
    static NvmlTelemetry open(final String library, final String id) throws Nvml.NvmlException {
        final Nvml nvml = Nvml.open(library);
        final int result = nvml.select(id);
        if (result != Nvml.SUCCESS) {
            final String why =
                    "NVML does not give GPU " + id + ", it knows " + nvml.count() + ": " + nvml.words(result);
            nvml.close();
            throw new Nvml.NvmlException(why);
        }
        return new NvmlTelemetry(nvml);
    }

    @Override
    public String words() {
        return words;
    }

    @Override
    public GpuSample sample() {
        final GpuSample.Reading reading = new GpuSample.Reading();
        reading.shutdownCelsius = shutdownCelsius;
        reading.xids = xids();
        final int[] results = {
            nvml.temperature(reading),
            nvml.utilisation(reading),
            nvml.memory(reading),
            nvml.power(reading),
            nvml.ecc(reading),
            nvml.throttle(reading),
            nvml.rows(reading),
            nvml.pages(reading)
        };
        boolean isAnyRead = false;
        for (final int result : results) {
            if (result == Nvml.GPU_IS_LOST) {
                reading.access = GpuSample.Access.LOST;
            } else if (result == Nvml.RESET_REQUIRED && reading.access == GpuSample.Access.REACHED) {
                reading.access = GpuSample.Access.NEEDS_RESET;
            }
            isAnyRead |= result == Nvml.SUCCESS;
        }
        if (!isAnyRead && reading.access == GpuSample.Access.REACHED && reading.xids.isEmpty()) {
            reading.unknown("NVML reads nothing of it: " + nvml.words(results[0]));
        }
        return reading.sample();
    }

    private List<Integer> xids() {
        final List<Integer> xids = new ArrayList<>();
        int xid = nvml.nextXid();
        while (xid >= 0 && xids.size() < MOST_XIDS) {
            xids.add(xid);
            xid = nvml.nextXid();
        }
        return xids;
    }

    @Override
    public void close() {
        nvml.close();
    }
}
