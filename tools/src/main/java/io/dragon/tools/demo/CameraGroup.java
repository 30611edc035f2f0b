package io.dragon.tools.demo;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.frame.FullPolicy;
import io.dragon.worker.voxel.PixelFormat;
import io.dragon.worker.voxel.SyntheticScene;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Some of the rig's cameras: renders what each of them sees straight into its pool's slots, on a fixed schedule. One
 * thread.
 */
final class CameraGroup implements AutoCloseable {
    private static final int MAX_DROP_TIMES = 10_000;
    private static final long MAX_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private final DemoSettings settings;
    private final SyntheticScene scene;
    private final PixelFormat pixels;
    private final int first;
    private final List<FramePublisher> publishers = new ArrayList<>();
    private final List<Long> dropTimesNs = new ArrayList<>();

    /**
     * @param client   of this process; the cameras become parties of its session.
     * @param settings the demo's.
     * @param first    index of the group's first camera.
     * @param count    number of cameras in the group.
     */
    CameraGroup(final DragonClient client, final DemoSettings settings, final int first, final int count) {
        this.settings = settings;
        this.scene = DemoScene.of(settings);
        this.pixels = DemoScene.pixels(settings.format());
        this.first = first;
        for (int i = first; i < first + count; i++) {
            publishers.add(client.addPublisher(
                    scene.rig().camera(i).id(),
                    new FramePublisher.Config()
                            .slotLength(settings.frameLength())
                            .fullPolicy(FullPolicy.BACK_PRESSURED)));
        }
    }

    /** Party ids of the cameras, in their order. */
    int[] cameraIds() {
        return publishers.stream().mapToInt(FramePublisher::cameraId).toArray();
    }

    /**
     * Publishes every step at its time.
     *
     * @param startNs {@link System#nanoTime} of the first step, the same for all groups of a host.
     * @param stop    ends the run early.
     */
    void run(final long startNs, final BooleanSupplier stop) {
        final long startEpochNs =
                TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis()) + startNs - System.nanoTime();
        final double periodNs = 1e9 / settings.fps();
        for (int step = 0; step < settings.steps() && !stop.getAsBoolean(); step++) {
            final long offsetNs = Math.round(step * periodNs);
            awaitTime(startNs + offsetNs, stop);
            if (stop.getAsBoolean()) {
                return;
            }
            for (int i = 0; i < publishers.size(); i++) {
                publish(publishers.get(i), first + i, step, startNs + offsetNs, startEpochNs + offsetNs);
            }
        }
    }

    /** The moment at which the picture was meant to be taken is that of the capture: who is late has made all that follows late. */
    private void publish(
            final FramePublisher publisher,
            final int camera,
            final int step,
            final long capturedNs,
            final long captureEpochNs) {
        final int slot = publisher.claim(settings.frameLength());
        if (slot < 0) {
            noteDrops();
            return;
        }
        publisher.captured(capturedNs);
        publisher.frame().format(settings.format()).width(settings.width()).height(settings.height());
        scene.render(camera, step, pixels, publisher.frame().buffer(), 0);
        publisher.publish(step, captureEpochNs);
        noteDrops();
    }

    /** Frames given back later count as dropped when that is found out. */
    private void noteDrops() {
        long drops = 0;
        for (final FramePublisher publisher : publishers) {
            drops += publisher.drops().total() + publisher.refused();
        }
        while (dropTimesNs.size() < Math.min(drops, MAX_DROP_TIMES)) {
            dropTimesNs.add(System.nanoTime());
        }
    }

    private static void awaitTime(final long timeNs, final BooleanSupplier stop) {
        for (long leftNs = timeNs - System.nanoTime();
                leftNs > 0 && !stop.getAsBoolean();
                leftNs = timeNs - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(leftNs, MAX_WAIT_NS));
        }
    }

    /** Counts so far. */
    Counts counts() {
        noteDrops();
        long published = 0;
        long dropped = 0;
        final Map<String, Long> refused = new LinkedHashMap<>();
        for (final FramePublisher publisher : publishers) {
            // a frame given back because no master could be reached was published and then dropped
            published += publisher.published() - publisher.drops().away();
            dropped += publisher.drops().total();
            for (final Reason reason : Reason.values()) {
                if (reason != Reason.NONE && reason != Reason.NULL_VAL && publisher.released(reason) > 0) {
                    refused.merge(reason.name(), publisher.released(reason), Long::sum);
                }
            }
        }
        return new Counts(published, dropped, refused, List.copyOf(dropTimesNs));
    }

    @Override
    public void close() {
        publishers.forEach(FramePublisher::close);
    }

    /**
     * What a group has done.
     *
     * @param published   frames published, and not given back since.
     * @param dropped     frames for which there was no slot or no room in the window.
     * @param refused     frames that the sequencer gave back, by reason.
     * @param dropTimesNs {@link System#nanoTime} when each dropped or refused frame was noticed; not all when there are very many.
     */
    record Counts(long published, long dropped, Map<String, Long> refused, List<Long> dropTimesNs) {
        /** One line for another process. */
        String line() {
            final StringBuilder line =
                    new StringBuilder().append(published).append(' ').append(dropped);
            refused.forEach((reason, count) ->
                    line.append(' ').append(reason).append('=').append(count));
            dropTimesNs.forEach(time -> line.append(' ').append('@').append(time));
            return line.toString();
        }

        /** What {@link #line} wrote. */
        static Counts parse(final String line) {
            final String[] words = line.split(" ");
            final Map<String, Long> refused = new LinkedHashMap<>();
            final List<Long> times = new ArrayList<>();
            for (int i = 2; i < words.length; i++) {
                final int equals = words[i].indexOf('=');
                if (words[i].startsWith("@")) {
                    times.add(Long.parseLong(words[i].substring(1)));
                } else {
                    refused.put(words[i].substring(0, equals), Long.parseLong(words[i].substring(equals + 1)));
                }
            }
            return new Counts(Long.parseLong(words[0]), Long.parseLong(words[1]), refused, times);
        }
    }
}
