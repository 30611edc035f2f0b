package io.dragon.tools.chaos;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.frame.FrameFormat;
import io.dragon.engine.frame.FullPolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * The cameras of one process of a chaos run. Lines {@code run EPOCHMILLIS} and {@code pause} in; lines {@code cameras IDS}, and {@code paused}
 * out. The number of a step is the time since the given one, so that a process that was started again goes on where the others are. One
 * thread.
 */
public final class ChaosCameras implements AutoCloseable {
    private static final String END = "end of input";
    private static final int SLOTS = 64;

    private final List<FramePublisher> publishers = new ArrayList<>();
    private final int first;
    private final long periodMs;
    private final byte[] scratch;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private long startMs;
    private long lastStep = -1;

    /**
     * Cameras of a client.
     *
     * @param client of this process, closed by the caller.
     * @param first  index of the first camera in the job.
     * @param count  number of cameras.
     * @param fps    steps a second.
     * @param length bytes of a frame, a multiple of 8.
     */
    public ChaosCameras(final DragonClient client, final int first, final int count, final int fps, final int length) {
        this.scratch = new byte[length];
        this.first = first;
        this.periodMs = 1000 / fps;
        for (int i = first; i < first + count; i++) {
            publishers.add(client.addPublisher(
                    "chaos-" + i,
                    new FramePublisher.Config()
                            .slotCount(SLOTS)
                            .slotLength(length)
                            .fullPolicy(FullPolicy.BACK_PRESSURED)));
        }
    }

    /**
     * Publishes until it is told to stop, or its input ends.
     *
     * @param out  where it answers.
     * @param stop true once it should end.
     * @throws InterruptedException when the thread is interrupted.
     */
    public void serve(final PrintStream out, final BooleanSupplier stop) throws InterruptedException {
        out.println("cameras "
                + publishers.stream()
                        .map(each -> Integer.toString(each.cameraId()))
                        .collect(Collectors.joining(" ")));
        out.flush();
        final Thread reader = new Thread(this::readLines, "console");
        reader.setDaemon(true); // it may sit in a read that nothing can wake
        reader.start();
        while (!stop.getAsBoolean()) {
            final String line = lines.poll(waitMs(), TimeUnit.MILLISECONDS);
            if (END.equals(line)) {
                return;
            }
            if (line != null && line.startsWith("run ")) {
                startMs = Long.parseLong(line.substring(4));
            } else if ("pause".equals(line)) {
                startMs = 0;
                out.println("paused");
                out.flush();
            }
            if (startMs != 0) {
                publishDue();
            }
        }
    }

    /** Leaves in order. */
    @Override
    public void close() {
        publishers.forEach(FramePublisher::close);
    }

    private long waitMs() {
        return startMs == 0 ? 50 : Math.max(1, startMs + (lastStep + 1) * periodMs - System.currentTimeMillis());
    }

    /** A step that this process slept through is not made up for: its time is over. */
    private void publishDue() {
        final long nowMs = System.currentTimeMillis();
        final long step = (nowMs - startMs) / periodMs;
        if (step <= lastStep || nowMs < startMs) {
            return;
        }
        lastStep = step;
        for (int i = 0; i < publishers.size(); i++) {
            final FramePublisher publisher = publishers.get(i);
            if (publisher.claim(scratch.length) < 0) {
                continue; // counted by the publisher as dropped: never accepted
            }
            Content.fill(scratch, Content.seed(first + i, step));
            publisher.captured(System.nanoTime());
            publisher.frame().format(FrameFormat.RAW).buffer().putBytes(0, scratch);
            publisher.publish(step, TimeUnit.MILLISECONDS.toNanos(startMs + step * periodMs));
        }
    }

    private void readLines() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (final IOException ex) {
            lines.add(END); // ends as the end of input does
        }
        lines.add(END);
    }
}
