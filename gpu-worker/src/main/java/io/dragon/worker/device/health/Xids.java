package io.dragon.worker.device.health;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Critical errors of NVIDIA's driver by number, in words. Meaning and what is to be done: docs.nvidia.com/deploy/xid-errors (catalogue) and
 * docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt. Numbers that a faulty program causes by itself (13, 31, 43, 45) are no fault of the GPU: the
 * program hears of them from its own calls.
 */
final class Xids {
    /** Nvml tells this number when the driver's error has none. */
    static final int UNKNOWN = 999;

    private static final Map<Integer, String> WORDS = Map.ofEntries(
            Map.entry(46, "the GPU stopped working"),
            Map.entry(48, "a memory error could not be corrected"),
            Map.entry(62, "its microcontroller halted"),
            Map.entry(63, "a bad row or page of memory was noted for replacement"),
            Map.entry(64, "a bad row or page of memory could not be replaced"),
            Map.entry(74, "a link to another GPU failed"),
            Map.entry(79, "it has fallen off the bus"),
            Map.entry(92, "many memory errors had to be corrected"),
            Map.entry(94, "a memory error hit one program"),
            Map.entry(95, "a memory error may have hit every program"),
            Map.entry(109, "a change of programs took too long"),
            Map.entry(119, "its system processor does not answer"),
            Map.entry(120, "its system processor failed"),
            Map.entry(140, "memory errors could not be corrected"),
            Map.entry(UNKNOWN, "an error without a number"));

    private Xids() {}

    /** The numbers first: they are what somebody looks up. */
    static String words(final List<Integer> xids) {
        final String numbers = xids.stream().map(String::valueOf).collect(Collectors.joining(", "));
        final String known =
                xids.stream().map(WORDS::get).filter(Objects::nonNull).collect(Collectors.joining(", "));
        return (xids.size() == 1 ? "driver error XID " : "driver errors XID ")
                + numbers
                + (known.isEmpty() ? "" : (xids.size() == 1 ? ", " : ": ") + known);
    }
}
