package io.dragon.worker.device.health;

import io.dragon.worker.device.DeviceFigures;
import io.dragon.worker.device.DeviceHealth;
import io.dragon.worker.device.HealthSource;
import java.util.Locale;
import java.util.function.Supplier;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SleepingMillisIdleStrategy;

/**
 * Watches one GPU on a thread of its own, so that instruments that do not answer keep nobody waiting. Instruments that have answered and
 * do not any more are a fault of the GPU, because its driver hangs; those that never did are unknown.
 *
 * <p>How long they take counts while this process runs only ({@link AwakeClock}): one that was stopped, or whose machine stood still, has not asked
 * them in that time, and finds no fault in their silence.
 */
public final class GpuHealth implements HealthSource, Agent {
    private static final long IDLE_MS = 20;
    private static final int CLOSE_TIMEOUT_MS = 1_000;
    private static final int PERMILLE_A_PERCENT = 10;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    /** A look by instruments whose silence is no fault, as a loaded host is slow and its GPU works, is told of when it took longer. */
    private static final long SLOW_NS = 900_000_000L;

    /** For so many looks it is told. */
    private static final int SLOW_LOOKS = 10;

    private static final String SLOW = "the GPU's instruments answer slowly, so that a fault of it is seen late";

    /** A thread that has not looked for so long is told of. */
    private static final long STALLED_NS = 5 * NS_PER_SECOND;

    private final Supplier<GpuTelemetry> opening;
    private final HealthSettings settings;
    private final HealthRule rule;
    private final NanoClock clock;
    private final AwakeClock running;
    private final ErrorHandler errorHandler;
    private final AgentRunner runner;
    private volatile GpuTelemetry telemetry;
    private long nextNs;
    private int slowLooks;
    private boolean hasAnswered;
    private boolean isClosed;
    private volatile Seen seen;

    /**
     * What was seen last, and how long the look that goes on may take at least, as other threads see it; a look that never ended has no limit. Times are those of
     * the running clock.
     */
    private record Seen(
            long seenNs,
            DeviceHealth health,
            DeviceFigures figures,
            String words,
            boolean isLooking,
            long sinceNs,
            long patienceNs) {
        Seen looking(final long nowNs, final long newPatienceNs) {
            return new Seen(seenNs, health, figures, words, true, nowNs, newPatienceNs);
        }

        /** The instruments may have changed in the midst of the look, and the more patient ones count. */
        boolean isSilent(final long nowNs, final GpuTelemetry telemetry) {
            return isLooking && nowNs - sinceNs > Math.max(patienceNs, telemetry.patienceNs());
        }
    }

    GpuHealth(
            final Supplier<GpuTelemetry> opening,
            final HealthSettings settings,
            final NanoClock clock,
            final ErrorHandler errorHandler) {
        this.opening = opening;
        this.settings = settings;
        this.clock = clock;
        this.errorHandler = errorHandler;
        running = new AwakeClock(clock);
        rule = new HealthRule(settings);
        nextNs = clock.nanoTime();
        final long startNs = running.nanoTime();
        seen = new Seen(
                startNs,
                new DeviceHealth(DeviceHealth.State.UNKNOWN, "the GPU's instruments have not been read yet"),
                DeviceFigures.NONE,
                "",
                false,
                startNs,
                Long.MAX_VALUE);
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
        return settings.isEnabled() ? watch(() -> Instruments.of(id), settings, errorHandler) : HealthSource.NONE;
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

    @Override
    public int doWork() {
        final long nowNs = clock.nanoTime();
        final long runningNs = running.nanoTime();
        if (nowNs - nextNs < 0) {
            return 0;
        }
        nextNs = nowNs + settings.sampleNs();
        if (telemetry == null) {
            telemetry = opening.get();
        }
        seen = seen.looking(runningNs, hasAnswered ? telemetry.patienceNs() : Long.MAX_VALUE);
        final GpuSample sample = telemetry.sample();
        final long sampledNs = clock.nanoTime();
        final long seenNs = running.nanoTime();
        if (seen.isSilent(seenNs, telemetry)) {
            rule.onSilence(sampledNs);
        }
        hasAnswered |= sample.unknown().isEmpty();
        final DeviceHealth health = rule.on(sample, sampledNs);
        final boolean isSlow = hasAnswered && telemetry.patienceNs() == Long.MAX_VALUE && seenNs - runningNs > SLOW_NS;
        slowLooks = isSlow ? SLOW_LOOKS : Math.max(0, slowLooks - 1);
        seen = new Seen(
                seenNs,
                slowLooks > 0 ? with(health, SLOW) : health,
                figures(sample, sampledNs),
                telemetry.words(),
                false,
                seenNs,
                Long.MAX_VALUE);
        return 1;
    }

    private static DeviceHealth with(final DeviceHealth health, final String text) {
        return new DeviceHealth(health.state(), health.text().isEmpty() ? text : health.text() + "; " + text);
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
        final long nowNs = running.nanoTime();
        final Seen last = seen;
        final boolean isSilent = last.isSilent(nowNs, telemetry);
        if (!isSilent && nowNs - last.seenNs < STALLED_NS) {
            return last.health;
        }
        final double silentSeconds = (nowNs - (isSilent ? last.sinceNs : last.seenNs)) / (double) NS_PER_SECOND;
        final String silent = String.format(
                Locale.ROOT,
                "the GPU's instruments have not answered for %.1f s%s",
                silentSeconds,
                isSilent ? ": its driver may have hung" : "");
        final boolean isFailed = last.health.state() == DeviceHealth.State.FAILED;
        return new DeviceHealth(
                isSilent || isFailed ? DeviceHealth.State.FAILED : DeviceHealth.State.UNKNOWN,
                isFailed ? last.health.text() + "; " + silent : silent);
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
