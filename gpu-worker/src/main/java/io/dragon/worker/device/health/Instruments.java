package io.dragon.worker.device.health;

import org.agrona.concurrent.NanoClock;

/**
 * The instruments of a GPU by NVML, or by {@code nvidia-smi} as long as NVML cannot be called. NVML is opened again when it has told that the GPU
 * is lost, or has told nothing: after a restart of the driver what was opened before never answers again.
 */
final class Instruments implements GpuTelemetry {
    /** So long after a failure NVML is tried again. */
    private static final long AGAIN_NS = 2_000_000_000L;

    /** Opens NVML for the GPU. */
    interface Opening {
        GpuTelemetry open() throws Nvml.NvmlException;
    }

    private final Opening opening;
    private final GpuTelemetry smi;
    private final NanoClock clock;
    private volatile GpuTelemetry nvml;
    private String why = "";
    private long againNs;

    Instruments(final Opening opening, final GpuTelemetry smi, final NanoClock clock) {
        this.opening = opening;
        this.smi = smi;
        this.clock = clock;
        this.againNs = clock.nanoTime();
    }

    /** Of the GPU with this UUID, or this number in the order of PCI addresses. */
    static GpuTelemetry of(final String id) {
        return new Instruments(() -> NvmlTelemetry.open(Nvml.LIBRARY, id), new Smi(id), System::nanoTime);
    }

    @Override
    public String words() {
        return nvml != null ? nvml.words() : smi.words() + "; " + why;
    }

    @Override
    public long patienceNs() {
        final GpuTelemetry now = nvml;
        return now != null ? now.patienceNs() : smi.patienceNs();
    }

    @Override
    public GpuSample sample() {
        if (nvml == null && clock.nanoTime() - againNs >= 0) {
            againNs = clock.nanoTime() + AGAIN_NS;
            try {
                nvml = opening.open();
            } catch (final Nvml.NvmlException ex) {
                why = ex.getMessage();
            }
        }
        if (nvml != null) {
            final GpuSample sample = nvml.sample();
            if (sample.unknown().isEmpty() && sample.access() == GpuSample.Access.REACHED) {
                return sample;
            }
            nvml.close();
            nvml = null;
            why = sample.unknown().isEmpty() ? "NVML does not reach it" : sample.unknown();
            if (sample.unknown().isEmpty()) {
                return sample;
            }
        }
        final GpuSample sample = smi.sample();
        return sample.unknown().isEmpty() ? sample : GpuSample.unknown(why + ", and " + sample.unknown());
    }

    @Override
    public void close() {
        smi.close();
        if (nvml != null) {
            nvml.close();
            nvml = null;
        }
    }
}
