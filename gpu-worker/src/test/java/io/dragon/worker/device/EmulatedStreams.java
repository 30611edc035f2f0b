package io.dragon.worker.device;

import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/** What is queued on an {@link EmulatedDriver}, done in any order that streams and events allow; until an error that stays, or a hang. */
final class EmulatedStreams {
    private static final int MOST_AT_ONCE = 8;

    private final Map<GpuStream, ArrayDeque<Work>> streams = new EnumMap<>(GpuStream.class);
    private final Random random;
    private GpuException sticky;
    private boolean isHung;

    /** One piece of queued work. */
    private record Work(String words, Runnable body, Marker waitsFor, long[] uses, long[] usedBytes) {}

    /** One recording of an event. */
    static final class Marker {
        final GpuStream stream;
        boolean isDone;
        long doneNs;

        Marker(final GpuStream stream) {
            this.stream = stream;
        }
    }

    EmulatedStreams(final Random random) {
        this.random = random;
        for (final GpuStream stream : GpuStream.values()) {
            streams.put(stream, new ArrayDeque<>());
        }
    }

    void queue(
            final GpuStream stream,
            final String words,
            final Runnable body,
            final long[] uses,
            final long[] usedBytes) {
        streams.get(stream).add(new Work(words, body, null, uses, usedBytes));
    }

    /** An error that stays once all before it was done. */
    void queueError(final GpuStream stream, final GpuException error) {
        queue(stream, "error", () -> sticky = error, new long[0], new long[0]);
    }

    Marker record(final GpuStream stream) {
        final Marker marker = new Marker(stream);
        queue(
                stream,
                "record",
                () -> {
                    marker.isDone = true;
                    marker.doneNs = System.nanoTime();
                },
                new long[0],
                new long[0]);
        return marker;
    }

    void await(final GpuStream stream, final Marker marker) {
        if (marker != null && marker.stream != stream) {
            streams.get(stream).add(new Work("await", () -> {}, marker, new long[0], new long[0]));
        }
    }

    /** Nothing more is done. */
    void hang() {
        isHung = true;
    }

    void doSome() {
        for (int i = random.nextInt(MOST_AT_ONCE); i > 0 && !isHung; i--) {
            step(GpuStream.values()[random.nextInt(streams.size())]);
        }
    }

    /** Does the next of a stream, and before it what it waits for; false when there is nothing. */
    boolean step(final GpuStream stream) {
        final Work work = streams.get(stream).peek();
        if (work == null || isHung || sticky != null) {
            return false;
        }
        if (work.waitsFor != null && !work.waitsFor.isDone) {
            return step(work.waitsFor.stream);
        }
        streams.get(stream).remove();
        work.body.run();
        return true;
    }

    /** Throws the error that stays. */
    void check() {
        if (sticky != null) {
            throw sticky;
        }
    }

    /** Memory that is given back must not be used by anything that is queued. */
    void checkUnused(final long address, final long bytes) {
        if (sticky != null || isHung) {
            return;
        }
        for (final ArrayDeque<Work> stream : streams.values()) {
            for (final Work work : stream) {
                for (int i = 0; i < work.uses.length; i++) {
                    if (work.uses[i] < address + bytes && work.uses[i] + Math.max(1, work.usedBytes[i]) > address) {
                        throw new AssertionError(
                                "memory is given back while '" + work.words + "', which uses it, is queued");
                    }
                }
            }
        }
    }

    void clear() {
        streams.values().forEach(ArrayDeque::clear);
    }
}
