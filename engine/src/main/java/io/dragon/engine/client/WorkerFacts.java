package io.dragon.engine.client;

import io.dragon.codecs.control.WorkerPageDecoder;

/** What is known of a worker and has been told of its device, out of a page of workers. */
final class WorkerFacts {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double PERMILLE = 1_000;
    private static final double MILLIWATTS_PER_WATT = 1_000;

    private WorkerFacts() {}

    static ClusterStatus.Worker decode(final WorkerPageDecoder.WorkersDecoder from) {
        final String name = from.name(); // strings in their order
        final String device = from.device();
        final String deviceText = from.deviceText();
        return new ClusterStatus.Worker(
                (int) from.partyId(),
                (int) from.incarnation(),
                name,
                device,
                (int) from.nodeId(),
                from.processId(),
                from.state(),
                from.assigned(),
                from.window(),
                from.completed(),
                from.failed(),
                from.meanExecutionNs() / NANOS_PER_MILLI,
                from.freeBytes(),
                from.silentMs(),
                from.failuresInARow(),
                from.stateForMs(),
                gpu(from, deviceText));
    }

    private static ClusterStatus.Gpu gpu(final WorkerPageDecoder.WorkersDecoder from, final String text) {
        return new ClusterStatus.Gpu(
                from.deviceState(),
                text,
                from.temperatureCelsius(),
                per(from.utilisationPermille(), PERMILLE),
                from.memoryBytes(),
                from.memoryUsedBytes(),
                per(from.powerMilliwatts(), MILLIWATTS_PER_WATT),
                per(from.powerLimitMilliwatts(), MILLIWATTS_PER_WATT),
                from.eccCorrected(),
                from.eccUncorrected());
    }

    private static double per(final long value, final double unit) {
        return value < 0 ? -1 : value / unit;
    }
}
