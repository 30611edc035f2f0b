package io.dragon.worker.device.health;

import io.dragon.worker.device.DeviceFigures;
import io.dragon.worker.device.DeviceHealth;
import io.dragon.worker.device.HealthSource;
import java.util.function.Supplier;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/**
 * Watches one GPU on a thread of its own, so that instruments that do not answer keep nobody waiting. When they do not answer for
 * long, that is said, and what was known before stays.
 */
public final class GpuHealth implements HealthSource, Agent {
    private static final long IDLE_MS = 20;
    private static final int CLOSE_TIMEOUT_MS = 1_000;
    private static final int PERMILLE_A_PERCENT = 10;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    /** Instruments that keep silent for so long are told of. */
    private static final long SILENT_NS = 5 * NS_PER_SECOND;

    private final Supplier<GpuTelemetry> opening;
    private final HealthSettings settings;
    private final HealthRule rule;
    private final NanoClock clock;
    private final ErrorHandler errorHandler;
    private final AgentRunner runner;
    private GpuTelemetry telemetry;
    private long nextNs;
    private boolean isClosed;
    private volatile Seen seen;

    /** One look, as other threads see it. */
    private record Seen(long sampledNs, DeviceHealth health, DeviceFigures figures, String words) {}

    GpuHealth(
            final Supplier<GpuTelemetry> opening,
            final HealthSettings settings,
            final NanoClock clock,
            final ErrorHandler errorHandler) {
        this.opening = opening;
        this.settings = settings;
        this.clock = clock;
        this.errorHandler = errorHandler;
        rule = new HealthRule(settings);
        nextNs = clock.nanoTime();
        seen = new Seen(
                nextNs,
                new DeviceHealth(DeviceHealth.State.UNKNOWN, "the GPU's instruments have not been read yet"),
                DeviceFigures.NONE,
                "");
        runner = new AgentRunner(new SleepingMillisIdleStrategy(IDLE_MS), errorHandler, null, this);
    }

    /**
     * Begins to watch a GPU: by NVML, or by {@code nvidia-smi} where that cannot be called.
     *
     * @param id           its UUID, or its number in the order of PCI addresses.
     * @param settings     the thresholds.
     * @param errorHandler receives what goes wrong on its thread.
     * @return what watches it, to be closed; {@link HealthSource#NONE} when the settings want no watching.
     */
    public static HealthSource watch(final String id, final HealthSettings settings, final ErrorHandler errorHandler) {
        return settings.isEnabled() ? watch(() -> open(id), settings, errorHandler) : HealthSource.NONE;
    }

    /**
     * Begins to watch a GPU by instruments of one's own.
     *
     * @param opening      makes the instruments; called once, on the watching thread.
     * @param settings     the thresholds.
     * @param errorHandler receives what goes wrong on its thread.
     * @return what watches it, to be closed.
     */
    public static GpuHealth watch(
            final Supplier<GpuTelemetry> opening, final HealthSettings settings, final ErrorHandler errorHandler) {
        final GpuHealth health = new GpuHealth(opening, settings, System::nanoTime, errorHandler);
        AgentRunner.startOnThread(health.runner, runnable -> {
            final Thread thread = new Thread(runnable);
            thread.setDaemon(true); // instruments that never answer must not keep the process
            return thread;
        });
        return health;
    }

    private static GpuTelemetry open(final String id) {
        try {
            return NvmlTelemetry.open(Nvml.LIBRARY, id);
        } catch (final Nvml.NvmlException ex) {
            return new WithoutNvml(ex.getMessage(), new Smi(id));
        }
    }

    /** What {@code nvidia-smi} shows; and when it shows nothing either, both reasons. */
    private record WithoutNvml(String why, GpuTelemetry smi) implements GpuTelemetry {
        @Override
        public String words() {
            return smi.words() + "; " + why;
        }

        @Override
        public GpuSample sample() {
            final GpuSample sample = smi.sample();
            return sample.unknown().isEmpty() ? sample : GpuSample.unknown(why + ", and " + sample.unknown());
        }
    }

    @Override
    public int doWork() {
        final long nowNs = clock.nanoTime();
        if (nowNs - nextNs < 0) {
            return 0;
        }
        nextNs = nowNs + settings.sampleNs();
        if (telemetry == null) {
            telemetry = opening.get();
        }
        final GpuSample sample = telemetry.sample();
        final long sampledNs = clock.nanoTime();
        seen = new Seen(sampledNs, rule.on(sample, sampledNs), figures(sample, sampledNs), telemetry.words());
        return 1;
    }

    private static DeviceFigures figures(final GpuSample sample, final long sampledNs) {
        return new DeviceFigures(
                sampledNs,
                sample.temperatureCelsius(),
                sample.utilisationPercent() < 0 ? -1 : sample.utilisationPercent() * (long) PERMILLE_A_PERCENT,
                sample.memoryBytes(),
                sample.memoryUsedBytes(),
                sample.powerMilliwatts(),
                sample.powerLimitMilliwatts(),
                sample.eccCorrected(),
                sample.eccUncorrected());
    }

    @Override
    public DeviceHealth health() {
        final Seen last = seen;
        final long silentNs = clock.nanoTime() - last.sampledNs;
        if (silentNs < SILENT_NS) {
            return last.health;
        }
        final String silent = "the GPU's instruments have not answered for " + silentNs / NS_PER_SECOND + " s";
        return last.health.state() == DeviceHealth.State.FAILED
                ? new DeviceHealth(DeviceHealth.State.FAILED, last.health.text() + "; " + silent)
                : new DeviceHealth(DeviceHealth.State.UNKNOWN, silent);
    }

    @Override
    public DeviceFigures figures() {
        return seen.figures;
    }

    /**
     * Where the figures come from.
     *
     * @return in words; empty before the first of them.
     */
    public String words() {
        return seen.words;
    }

    @Override
    public String roleName() {
        return "dragon-gpu-health";
    }

    @Override
    public void onClose() {
        if (telemetry != null) {
            telemetry.close();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (isClosed) {
                return;
            }
            isClosed = true;
        }
        final int[] timeouts = {0};
        try {
            // The first timeout interrupts it; a thread that waits for a driver is left behind.
            runner.close(CLOSE_TIMEOUT_MS, thread -> {
                if (++timeouts[0] > 1) {
                    throw new IllegalStateException("the GPU's instruments do not answer: their thread is left behind");
                }
            });
        } catch (final IllegalStateException ex) {
            errorHandler.onError(ex);
        }
    }
}
