package io.dragon.benchmarks.handoff;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.dragon.engine.config.DragonDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.BackoffIdleStrategy;

/** The other process of the suite: answers frames with frames, the line with the line, messages with messages. */
public final class HandoffPartner {
    private static final int MODE_LOOK = 1 << 10;
    private static final long SLEEP_NS = 200_000;

    private HandoffPartner() {}

    /**
     * The process.
     *
     * @param args {@code driver DIRECTORY}, or {@code partner DIRECTORY}
     * @throws IOException when nobody listens
     */
    public static void main(final String[] args) throws IOException {
        final Path directory = Path.of(args[1]);
        final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        if (args[0].equals("driver")) {
            drive(directory, in);
        } else {
            serve(directory, in);
        }
    }

    private static void drive(final Path directory, final BufferedReader in) throws IOException {
        try (MediaDriver driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(new BackoffIdleStrategy(10, 10, 1_000, 100_000)))) {
            System.out.println("driving " + driver.aeronDirectoryName());
            while (in.readLine() != null) {
                continue; // until the end of the input
            }
        }
    }

    private static void serve(final Path directory, final BufferedReader in) throws IOException {
        try (Line line = new Line(directory.resolve("line"));
                FrameEnd frames = new FrameEnd(DragonDirectory.of(directory), "answers");
                AeronEnd messages =
                        new AeronEnd(directory.resolve("aeron").toString(), AeronEnd.ANSWERS, AeronEnd.QUESTIONS)) {
            System.out.println("pool " + frames.poolId());
            frames.subscribe(Long.parseLong(in.readLine()));
            final Thread input = new Thread(() -> awaitEnd(in), "input");
            input.start();
            // The pool of the other takes a new subscriber with the next frame that it publishes.
            System.out.println("subscribed");
            while (input.isAlive()) {
                switch (line.served()) {
                    case Line.LINE -> answerLine(line);
                    case Line.FRAMES -> answerFrames(line, frames);
                    case Line.AERON -> answerMessages(line, messages);
                    default -> LockSupport.parkNanos(SLEEP_NS);
                }
            }
        }
    }

    private static void awaitEnd(final BufferedReader in) {
        try {
            while (in.readLine() != null) {
                continue;
            }
        } catch (final IOException e) {
            return; // an end, too
        }
    }

    private static void answerLine(final Line line) {
        for (int i = 0; i < MODE_LOOK || line.served() == Line.LINE; i = i == MODE_LOOK ? 0 : i + 1) {
            final long value = line.get();
            if ((value & 1) == 1) {
                line.put(value + 1);
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private static void answerFrames(final Line line, final FrameEnd frames) {
        for (int i = 0; i < MODE_LOOK || line.served() == Line.FRAMES; i = i == MODE_LOOK ? 0 : i + 1) {
            if (!frames.answer()) {
                Thread.onSpinWait();
            }
        }
    }

    private static void answerMessages(final Line line, final AeronEnd messages) {
        for (int i = 0; i < MODE_LOOK || line.served() == Line.AERON; i = i == MODE_LOOK ? 0 : i + 1) {
            if (messages.poll()) {
                messages.send(messages.number(), Sizes.BYTES[0]);
            } else {
                Thread.onSpinWait();
            }
        }
    }
}
