package io.dragon.worker.check;

import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FrameLease;
import io.dragon.worker.LoneTask;
import io.dragon.worker.device.GpuDriver;
import io.dragon.worker.device.GpuException;
import io.dragon.worker.device.GpuStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How fast a GPU's bus and memory are: copies of several lengths, timed by events, in turn. */
final class CopyRates {
    private static final int LEAST_COPIES = 3;
    private static final int MOST_COPIES = 400;
    private static final long WAIT_NS = 30_000_000_000L;

    /** Copies take a part of a round each, because there are many of them. */
    private static final int PARTS_OF_A_ROUND = 12;

    /** From where to where. */
    enum Way {
        /** A registered slot of a frame pool. */
        POOL_TO_DEVICE("pool to device"),
        /** Memory that the driver has given. */
        PINNED_TO_DEVICE("pinned to device"),
        /** Into memory that the driver has given. */
        DEVICE_TO_PINNED("device to pinned"),
        /** Read and written, counted once. */
        DEVICE_TO_DEVICE("device to device");

        private final String words;

        Way(final String words) {
            this.words = words;
        }
    }

    private final GpuDriver driver;
    private final CheckPlan plan;
    private final long first;
    private final long last;
    private double pinnedRate;

    CopyRates(final GpuDriver driver, final CheckPlan plan) {
        this.driver = driver;
        this.plan = plan;
        first = driver.newEvent(true);
        last = driver.newEvent(true);
    }

    /** What pinning costs, and the rows of all ways and lengths. */
    record Rates(GpuReport.Pinning pinning, List<GpuReport.CopyRow> rows) {}

    Rates measure(final CheckFrames frames) {
        final long most =
                plan.copyBytes().stream().mapToLong(Long::longValue).max().orElseThrow();
        final FrameLease frame =
                frames.put(frames.pool(1, most), FrameFormat.RAW, 0, 0, 0, (int) most, to -> Comparisons.noise(to, 77));
        long pinned = 0;
        long device = 0;
        GpuReport.Pinning pinning = null;
        try {
            pinning = register(frame);
            pinned = driver.allocatePinned(most);
            device = driver.allocate(2 * most);
            final Map<Way, List<List<Double>>> found = new EnumMap<>(Way.class);
            for (final Way way : Way.values()) {
                final List<List<Double>> lengths = new ArrayList<>();
                plan.copyBytes().forEach(bytes -> lengths.add(new ArrayList<>()));
                found.put(way, lengths);
            }
            for (int round = 0; round < plan.rounds(); round++) {
                for (int i = 0; i < plan.copyBytes().size(); i++) {
                    for (final Way way : Way.values()) {
                        if (way != Way.POOL_TO_DEVICE || pinning.refusal().isEmpty()) {
                            final long host =
                                    way == Way.POOL_TO_DEVICE ? frame.buffer().addressOffset() : pinned;
                            found.get(way)
                                    .get(i)
                                    .add(rate(
                                            way, host, device, plan.copyBytes().get(i), most));
                        }
                    }
                }
            }
            pinnedRate = found.get(Way.PINNED_TO_DEVICE).stream()
                    .mapToDouble(values -> spread(values).median())
                    .max()
                    .orElse(0);
            return new Rates(pinning, rows(found));
        } finally {
            if (pinning != null && pinning.refusal().isEmpty()) {
                driver.unregister(frame.segmentAddress());
            }
            if (pinned != 0) {
                driver.freePinned(pinned);
            }
            if (device != 0) {
                driver.free(device);
            }
        }
    }

    private GpuReport.Pinning register(final FrameLease frame) {
        final long bytes = frame.segmentLength();
        final long beginNs = System.nanoTime();
        String refusal = "";
        try {
            driver.register(frame.segmentAddress(), bytes);
        } catch (final GpuException ex) {
            if (ex.isSticky()) {
                throw ex;
            }
            refusal = ex.getMessage();
        }
        return new GpuReport.Pinning(bytes, (System.nanoTime() - beginNs) / 1e6, refusal);
    }

    private List<GpuReport.CopyRow> rows(final Map<Way, List<List<Double>>> found) {
        final List<GpuReport.CopyRow> rows = new ArrayList<>();
        found.forEach((way, lengths) -> {
            for (int i = 0; i < lengths.size(); i++) {
                if (!lengths.get(i).isEmpty()) {
                    rows.add(new GpuReport.CopyRow(way.words, plan.copyBytes().get(i), spread(lengths.get(i))));
                }
            }
        });
        return rows;
    }

    static Spread spread(final List<Double> values) {
        return Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private double rate(final Way way, final long host, final long device, final long bytes, final long most) {
        copy(way, host, device, bytes, most); // and pages, caches and clocks are warm
        final double onceMs = timed(way, host, device, bytes, most, 1);
        final double wantedMs = plan.roundNs() / 1e6 / PARTS_OF_A_ROUND;
        final int count = (int) Math.max(LEAST_COPIES, Math.min(MOST_COPIES, wantedMs / onceMs));
        return count * bytes / timed(way, host, device, bytes, most, count) / 1e6;
    }

    private double timed(
            final Way way, final long host, final long device, final long bytes, final long most, final int count) {
        driver.record(first, GpuStream.COPY);
        for (int i = 0; i < count; i++) {
            copy(way, host, device, bytes, most);
        }
        driver.record(last, GpuStream.COPY);
        driver.synchronize(last, WAIT_NS);
        return Math.max(1e-6, driver.elapsedMs(first, last));
    }

    private void copy(final Way way, final long host, final long device, final long bytes, final long most) {
        switch (way) {
            case POOL_TO_DEVICE, PINNED_TO_DEVICE -> driver.copyToDevice(device, host, bytes, GpuStream.COPY);
            case DEVICE_TO_PINNED -> driver.copyToHost(host, device, bytes, GpuStream.COPY);
            default -> driver.copyOnDevice(device + most, device, bytes, GpuStream.COPY);
        }
    }

    /**
     * The ceiling of a pipeline, gigabytes a second: its own frames, copied one after the other and nothing else, or copies from memory of the
     * driver's own where those are faster. Else a pool that cannot be pinned would make the ceiling as slow as the work.
     */
    double ceiling(final List<LoneTask> tasks, final long device, final int count) {
        long bytes = 0;
        driver.record(first, GpuStream.COPY);
        for (int i = 0; i < count; i++) {
            final FrameLease frame = tasks.get(i % tasks.size()).input(0);
            driver.copyToDevice(
                    device, frame.buffer().addressOffset(), frame.buffer().capacity(), GpuStream.COPY);
            bytes += frame.buffer().capacity();
        }
        driver.record(last, GpuStream.COPY);
        driver.synchronize(last, WAIT_NS);
        return Math.max(pinnedRate, bytes / Math.max(1e-6, driver.elapsedMs(first, last)) / 1e6);
    }

    void close() {
        driver.freeEvent(first);
        driver.freeEvent(last);
    }
}
