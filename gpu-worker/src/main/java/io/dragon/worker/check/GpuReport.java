package io.dragon.worker.check;

import java.util.List;
import java.util.Map;

/**
 * What the check of a GPU found.
 *
 * @param facts       what the GPU, its driver and its place in the host are.
 * @param starts      how long the kernels take to be ready, in the order in which it was tried.
 * @param comparisons each kind of work against the processor.
 * @param pinning     what it costs to pin a frame pool; null when it was not measured.
 * @param copies      how fast copies are.
 * @param rates       how fast work is.
 * @param targets     what was to be reached.
 * @param faults      what went wrong meanwhile, a sentence each.
 */
public record GpuReport(
        Map<String, String> facts,
        List<Start> starts,
        List<Comparison> comparisons,
        Pinning pinning,
        List<CopyRow> copies,
        List<RateRow> rates,
        List<Target> targets,
        List<String> faults) {
    /**
     * How long kernels take to be ready.
     *
     * @param when    in words.
     * @param modules milliseconds for each module.
     */
    public record Start(String when, Map<String, Double> modules) {}

    /**
     * One kind of work against the processor.
     *
     * @param work       kind of work.
     * @param cases      that were compared.
     * @param different  cases whose answers differ.
     * @param first      the first difference in words; empty without one.
     * @param isOnDevice whether the device did it at all.
     */
    public record Comparison(String work, int cases, int different, String first, boolean isOnDevice) {}

    /**
     * Pinning of a frame pool.
     *
     * @param bytes   of its segment.
     * @param millis  it took.
     * @param refusal why it could not be; empty when it could.
     */
    public record Pinning(long bytes, double millis, String refusal) {}

    /**
     * Copies of one length.
     *
     * @param way                from where to where.
     * @param bytes              of a copy.
     * @param gigabytesPerSecond of 10^9 bytes.
     */
    public record CopyRow(String way, long bytes, Spread gigabytesPerSecond) {}

    /**
     * One kind of work, from the frame pool to the answer.
     *
     * @param work               in words.
     * @param bytes              of the frame that a task is about.
     * @param tasksPerSecond     from start to end, as many on their way as the ring holds.
     * @param gigabytesPerSecond of these frames.
     * @param ceiling            gigabytes a second of nothing but the copies of these frames, in the same rounds, or of copies from memory of
     *                           the driver's own where those are faster; null where the bus is not what bounds it.
     * @param shareOfCopy        the one over the other, round by round; null as well.
     * @param kernels            milliseconds of each kernel for a task, on the device alone; {@code fill} is what is made zero for them.
     * @param computeMs          milliseconds of all of them.
     * @param copiedBytes        that a task copies to the device.
     * @param largestGap         the longest time between two copies of frames, as a share of such a copy; -1 when not known.
     * @param idleShare          time between copies as a share of all time from the first to the last; -1 when not known.
     */
    public record RateRow(
            String work,
            long bytes,
            Spread tasksPerSecond,
            Spread gigabytesPerSecond,
            Spread ceiling,
            Spread shareOfCopy,
            Map<String, Double> kernels,
            double computeMs,
            long copiedBytes,
            double largestGap,
            double idleShare) {}

    /**
     * What was to be reached.
     *
     * @param words    of what.
     * @param wanted   in words.
     * @param measured in words.
     * @param state    {@code met}, {@code missed} or {@code not measured}.
     */
    public record Target(String words, String wanted, String measured, String state) {
        static final String MET = "met";
        static final String MISSED = "missed";
        static final String NOT_MEASURED = "not measured";

        static Target of(final String words, final String wanted, final String measured, final boolean isMet) {
            return new Target(words, wanted, measured, isMet ? MET : MISSED);
        }
    }

    /**
     * Whether the GPU computes what the processor computes, all of it on the GPU, and nothing went wrong.
     *
     * @return false when its answers must not be trusted.
     */
    public boolean isRight() {
        return faults.isEmpty()
                && !comparisons.isEmpty()
                && comparisons.stream().allMatch(each -> each.isOnDevice() && each.different() == 0);
    }

    /**
     * Whether a target was missed.
     *
     * @return false also for targets that were not measured.
     */
    public boolean isSlow() {
        return targets.stream().anyMatch(target -> target.state().equals(Target.MISSED));
    }
}
