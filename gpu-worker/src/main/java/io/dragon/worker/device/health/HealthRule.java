package io.dragon.worker.device.health;

import io.dragon.worker.device.DeviceHealth;
import io.dragon.worker.device.DeviceHealth.State;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Decides from samples whether a GPU may have work. A fault counts from the first sample that shows it; it ends when it has not been shown
 * for a time, and for that the instruments have to be read: a GPU that was faulty and cannot be looked at any more stays out of service. One thread.
 *
 * <pre>
 *   absent --(a sample shows it)--> present --(a sample does not)--> fading --(for as long as it has to be gone)--> absent
 *                                      ^                                |
 *                                      +------(a sample shows it)-------+
 * </pre>
 */
public final class HealthRule {
    /** So far from switching itself off it gets no work, whatever the settings allow. */
    static final int BEFORE_SHUTDOWN = 3;

    private static final String SILENCE = "the GPU's instruments did not answer: its driver may have hung";

    /** Driver errors that are told of a time in which some come. */
    private static final int MOST_XIDS = 8;

    /** Newer GPUs tell a margin instead of a temperature (T.Limit), which says nothing here. */
    private static final int LEAST_SHUTDOWN = 60;

    /** What can be wrong; in the order in which it is told. */
    private enum Fault {
        LOST(State.FAILED),
        SILENT(State.FAILED),
        HOT(State.FAILED),
        UNCORRECTED(State.FAILED),
        XID(State.FAILED),
        ROWS_FAILED(State.FAILED),
        THROTTLED(State.DEGRADED),
        ROWS_PENDING(State.DEGRADED),
        PAGES_PENDING(State.DEGRADED),
        WARNING_XID(State.DEGRADED);

        final State state;

        Fault(final State state) {
            this.state = state;
        }
    }

    private static final class Present {
        long seenNs;
        long holdNs;
        String text;
        List<Integer> xids = List.of();
    }

    private final HealthSettings settings;
    private final Map<Fault, Present> faults = new EnumMap<>(Fault.class);
    private long uncorrected = -1;
    private String unknown = "";

    /**
     * A rule for one GPU, which has shown no fault.
     *
     * @param settings the thresholds.
     */
    public HealthRule(final HealthSettings settings) {
        this.settings = settings;
    }

    /**
     * Takes a sample.
     *
     * @param sample what the instruments show.
     * @param nowNs  when, on any clock that only goes forward.
     * @return how the GPU is: the worst of what is wrong, and all of it in words.
     */
    public DeviceHealth on(final GpuSample sample, final long nowNs) {
        final String before = unknown;
        unknown = sample.unknown();
        if (unknown.isEmpty()) {
            if (!before.isEmpty()) {
                faults.values().forEach(fault -> fault.seenNs = nowNs); // nobody knows how it was meanwhile
            }
            look(sample, nowNs);
            faults.values().removeIf(fault -> nowNs - fault.seenNs > 0 && nowNs - fault.seenNs >= fault.holdNs);
        }
        return health();
    }

    /**
     * The instruments answered once, and then kept silent for longer than they may: whatever keeps them waiting may keep work waiting too.
     *
     * @param nowNs when they have answered at last, on the clock of the samples; the sample comes after this.
     */
    public void onSilence(final long nowNs) {
        found(Fault.SILENT, nowNs, settings.restoreAfterNs(), SILENCE);
    }

    private void look(final GpuSample sample, final long nowNs) {
        switch (sample.access()) {
            case LOST -> found(Fault.LOST, nowNs, settings.restoreAfterNs(), "the GPU has fallen off the bus");
            case NEEDS_RESET -> found(
                    Fault.LOST, nowNs, settings.restoreAfterNs(), "the GPU has to be reset (nvidia-smi --gpu-reset)");
            default -> {}
        }
        temperature(sample, nowNs);
        memory(sample, nowNs);
        for (final int xid : sample.xids()) {
            if (settings.fatalXids().contains(xid)) {
                driverError(Fault.XID, nowNs, xid);
            } else if (settings.warningXids().contains(xid)) {
                driverError(Fault.WARNING_XID, nowNs, xid);
            }
        }
        final var throttled = Throttle.faults(sample.throttleBits());
        if (!throttled.isEmpty()) {
            found(
                    Fault.THROTTLED,
                    nowNs,
                    settings.restoreAfterNs(),
                    "the GPU is slow: " + String.join(", ", throttled));
        }
    }

    private void temperature(final GpuSample sample, final long nowNs) {
        final int celsius = sample.temperatureCelsius();
        final int shutdown = sample.shutdownCelsius();
        final int disable = shutdown >= LEAST_SHUTDOWN
                ? Math.min(settings.disableCelsius(), shutdown - BEFORE_SHUTDOWN)
                : settings.disableCelsius();
        final int enable = Math.min(settings.enableCelsius(), disable - 1);
        final Present hot = faults.get(Fault.HOT);
        if (celsius < 0 && hot != null) {
            hot.seenNs = nowNs; // that it is cooler has to be seen
        } else if (celsius >= disable || (hot != null && celsius > enable)) {
            found(
                    Fault.HOT,
                    nowNs,
                    settings.restoreAfterNs(),
                    "the GPU is too hot: " + celsius + " C, limit " + disable + ", gets work again at " + enable);
        }
    }

    private void memory(final GpuSample sample, final long nowNs) {
        final long count = sample.eccUncorrected();
        if (count >= 0) {
            if (uncorrected >= 0 && count > uncorrected) {
                final long more = count - uncorrected;
                found(
                        Fault.UNCORRECTED,
                        nowNs,
                        settings.restoreAfterEventNs(),
                        more + (more == 1 ? " memory error was" : " memory errors were") + " not corrected (ECC), "
                                + count + " in all");
            }
            uncorrected = count;
        }
        if (sample.rowsFailed() == 1) {
            found(
                    Fault.ROWS_FAILED,
                    nowNs,
                    settings.restoreAfterNs(),
                    "a bad row of the GPU's memory could not be replaced: no spare rows are left");
        }
        if (sample.rowsPending() == 1) {
            found(
                    Fault.ROWS_PENDING,
                    nowNs,
                    settings.restoreAfterNs(),
                    "a bad row of the GPU's memory is replaced at its next reset");
        }
        if (sample.pagesPending() == 1) {
            found(
                    Fault.PAGES_PENDING,
                    nowNs,
                    settings.restoreAfterNs(),
                    "a bad page of the GPU's memory is retired at the next start of the driver");
        }
    }

    /** One error often comes with others, which may say more. */
    private void driverError(final Fault fault, final long nowNs, final int xid) {
        final Present present = faults.get(fault);
        final List<Integer> numbers = new ArrayList<>(present == null ? List.of() : present.xids);
        if (!numbers.contains(xid) && numbers.size() < MOST_XIDS) {
            numbers.add(xid);
        }
        found(fault, nowNs, settings.restoreAfterEventNs(), Xids.words(numbers));
        faults.get(fault).xids = numbers;
    }

    private void found(final Fault fault, final long nowNs, final long holdNs, final String text) {
        final Present present = faults.computeIfAbsent(fault, each -> new Present());
        present.seenNs = nowNs;
        present.holdNs = holdNs;
        present.text = text;
    }

    private DeviceHealth health() {
        State worst = unknown.isEmpty() ? State.OK : State.UNKNOWN;
        final StringBuilder words = new StringBuilder();
        for (final Map.Entry<Fault, Present> fault : faults.entrySet()) { // in the order of the enum: the worst first
            if (worst != State.FAILED) {
                worst = fault.getKey().state;
            }
            words.append(words.length() == 0 ? "" : "; ").append(fault.getValue().text);
        }
        if (!unknown.isEmpty()) {
            words.append(words.length() == 0 ? "" : "; ").append(unknown);
        }
        return worst == State.OK ? DeviceHealth.OK : new DeviceHealth(worst, words.toString());
    }
}
