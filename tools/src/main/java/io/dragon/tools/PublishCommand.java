package io.dragon.tools;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.client.FramePublisher;
import io.dragon.engine.config.DragonConfig;
import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.PoolConfig;
import io.dragon.engine.frame.FullPolicy;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code dragon publish}: a camera made of files. */
@Command(
        name = "publish",
        description = "Publishes the frames of a file, a folder of images or standard input as a camera.",
        footer = {
            "",
            "Frames are refused until a job of some client names the camera.",
            "Exit code 3: frames were refused by the masters, or dropped because the pool was full."
        })
final class PublishCommand extends DragonCommand {
    private static final long DRAIN_NS = 5_000_000_000L;
    private static final long SLEEP_NS = 1_000_000L;

    /** Refusals come within a round trip; frames that were taken are given back when their tasks are done. */
    private static final long REFUSAL_NS = 500_000_000L;

    @Mixin
    ConfigOptions options;

    @Mixin
    LogOptions logging;

    @Mixin
    JsonOutput json;

    @Option(names = "--camera", paramLabel = "ID", required = true, description = "the camera's name, as jobs name it")
    String camera;

    @Option(names = "--source", paramLabel = "FILE|DIR|-", required = true, description = "where frames come from")
    String source;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "y4m or raw:WIDTHxHEIGHT:(grey8|rgb8|rgb32f); images and *.y4m need none")
    String format;

    @Option(
            names = "--fps",
            paramLabel = "N",
            description = "frames a second; without it as fast as slots become free, and none is dropped")
    Double framesPerSecond;

    @Option(names = "--loop", description = "begin again at the end, until it is stopped")
    boolean loop;

    @Option(names = "--first-step", paramLabel = "N", description = "the number of the first frame (default: 0)")
    long firstStep;

    private StopSignal stop;
    private Thread reader;
    private long frames;
    private boolean saidRefused;

    @Override
    protected int run() {
        if (framesPerSecond != null && !(framesPerSecond > 0 && framesPerSecond <= 1_000_000)) {
            throw wrongUsage(
                    "dragon publish: '--fps " + framesPerSecond + "' is out of range, expected more than 0 to 1000000");
        }
        if (firstStep < 0) {
            throw wrongUsage("dragon publish: '--first-step " + firstStep + "' is out of range, expected 0 or more");
        }
        final DragonConfig config = RunningMasters.load(() -> logging.into(options.loader()));
        frames = 0;
        saidRefused = false;
        try (FrameSource input = FrameSource.open(source, format)) {
            if (loop && source.equals("-")) {
                throw wrongUsage("dragon publish: standard input can be read only once, leave --loop out");
            }
            ClusterAccess.requireDriver(config);
            final Logger log = LogOptions.start(config, "camera", camera);
            stop = StopSignal.install();
            stop.onStop(this::wakeReader);
            return publish(config, input, log);
        }
    }

    private int publish(final DragonConfig config, final FrameSource input, final Logger log) {
        try (ClusterAccess access = ClusterAccess.connect(config, java.time.Duration.ofSeconds(15))) {
            final FramePublisher publisher = access.client().addPublisher(camera, pool(config, input.shape()));
            log.info(
                    "publishing {} frames of {}{}",
                    input.shape(),
                    source,
                    framesPerSecond == null ? "" : " at " + framesPerSecond + " a second");
            final long startNs = System.nanoTime();
            try (publisher;
                    ProgressBar progress = new ProgressBar(camera, loop ? -1 : input.count(), "frames")) {
                final ConnectionLine connection = new ConnectionLine(log);
                stream(
                        input,
                        publisher,
                        startNs,
                        progress,
                        log,
                        () -> connection.look(access.client().state()));
                drain(publisher);
                tellRefusals(publisher, progress, log);
            }
            return report(publisher, (System.nanoTime() - startNs) / 1e9);
        }
    }

    private FramePublisher.Config pool(final DragonConfig config, final FrameSource.Shape shape) {
        final PoolConfig pools = config.pools();
        if (pools.slotLength() != 0 && pools.slotLength() < shape.bytes()) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "A frame of " + shape + " has " + shape.bytes() + " bytes, but pools.slot_length is "
                            + pools.slotLength() + ".");
        }
        final FullPolicy policy = framesPerSecond == null
                ? FullPolicy.WAIT
                : FullPolicy.valueOf(pools.fullPolicy().toUpperCase(Locale.ROOT).replace('-', '_'));
        return new FramePublisher.Config()
                .slotCount(pools.slots())
                .slotLength(pools.slotLength() == 0 ? shape.bytes() : pools.slotLength())
                .metadataLength(pools.metadataLength())
                .fullPolicy(policy)
                .claimTimeoutNs(pools.waitTimeoutNs());
    }

    private void stream(
            final FrameSource input,
            final FramePublisher publisher,
            final long startNs,
            final ProgressBar progress,
            final Logger log,
            final Runnable look) {
        long step = firstStep;
        while (!stop.isRequested()) {
            look.run();
            awaitTurn(step - firstStep, startNs);
            if (stop.isRequested() || !claim(publisher, input.shape().bytes())) {
                step++;
                continue;
            }
            boolean filled = false;
            try {
                filled = next(input, publisher.frame().byteBuffer());
            } finally {
                if (!filled) {
                    publisher.abort();
                }
            }
            if (!filled) {
                return;
            }
            publisher.captured(System.nanoTime());
            publisher
                    .frame()
                    .format(input.shape().format())
                    .width(input.shape().width())
                    .height(input.shape().height());
            publisher.publish(step, epochNs());
            frames++;
            step++;
            tellRefusals(publisher, progress, log);
            progress.update(frames);
        }
    }

    /** The next frame; false at the end, and when the signal comes while a stream lets it wait. */
    private boolean next(final FrameSource input, final ByteBuffer target) {
        reading(Thread.currentThread());
        try {
            if (stop.isRequested()) {
                return false;
            }
            boolean filled = input.next(target);
            if (!filled && loop && frames > 0) {
                input.rewind();
                filled = input.next(target);
            }
            return filled;
        } catch (final DragonException ex) {
            if (stop.isRequested()) {
                return false;
            }
            throw ex;
        } finally {
            reading(null);
            Thread.interrupted(); // it was meant for the read
        }
    }

    private synchronized void reading(final Thread thread) {
        reader = thread;
    }

    private synchronized void wakeReader() {
        if (reader != null) {
            reader.interrupt();
        }
    }

    private void tellRefusals(final FramePublisher publisher, final ProgressBar progress, final Logger log) {
        final long refused = publisher.refused();
        if (refused > 0) {
            final String why = why(publisher);
            progress.remark(refused + " refused" + why);
            if (!saidRefused) {
                saidRefused = true;
                log.warn("the masters refuse frames{}", why);
            }
        }
    }

    private static String why(final FramePublisher publisher) {
        return publisher.released(Reason.NO_JOB) > 0 ? " (no job names this camera)" : "";
    }

    /** A slot; false when the frame of this turn is dropped. Without a rate there are no turns: it waits for a slot. */
    private boolean claim(final FramePublisher publisher, final int bytes) {
        int slot = publisher.claim(bytes);
        while (slot == FramePublisher.BACK_PRESSURED && framesPerSecond == null && !stop.isRequested()) {
            slot = publisher.claim(bytes);
        }
        if (slot == FramePublisher.CLOSED) {
            throw new DragonException(
                    "The camera " + camera + " was closed under this program: is another one of this name running?");
        }
        return slot >= 0;
    }

    private void awaitTurn(final long turn, final long startNs) {
        if (framesPerSecond != null) {
            final long dueNs = startNs + (long) (turn * 1e9 / framesPerSecond);
            for (long leftNs = dueNs - System.nanoTime();
                    leftNs > 0 && !stop.isRequested();
                    leftNs = dueNs - System.nanoTime()) {
                LockSupport.parkNanos(Math.min(leftNs, 50 * SLEEP_NS));
            }
        }
    }

    /** What was published is named to the masters before this process goes. */
    private static void drain(final FramePublisher publisher) {
        final long deadlineNs = System.nanoTime() + DRAIN_NS;
        while (publisher.sent() < publisher.published() && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(SLEEP_NS);
        }
        final long refusalsNs = System.nanoTime() + REFUSAL_NS;
        while (publisher.refused() + publisher.released(Reason.NONE) < publisher.sent()
                && System.nanoTime() - refusalsNs < 0) {
            LockSupport.parkNanos(SLEEP_NS);
        }
    }

    private int report(final FramePublisher publisher, final double seconds) {
        final FramePublisher.Drops drops = publisher.drops();
        // Without a rate a full pool is no drop: the frame is published later.
        final long full = framesPerSecond == null ? 0 : drops.backPressured() + drops.timedOut();
        final long dropped = full + drops.overwritten() + drops.tooLarge() + drops.unsent() + drops.away();
        final ObjectNode result = JsonOutput.object()
                .put("camera", camera)
                .put("published", publisher.published())
                .put("refused", publisher.refused())
                .put("refusedWithoutJob", publisher.released(Reason.NO_JOB))
                .put("dropped", dropped)
                .put("seconds", seconds);
        result.putObject("drops")
                .put("poolFull", full)
                .put("overwritten", drops.overwritten())
                .put("tooLarge", drops.tooLarge())
                .put("unsent", drops.unsent())
                .put("away", drops.away());
        if (!json.isStandardOutput()) {
            out.printf(
                    Locale.ROOT,
                    "%s: %d frames published, %d dropped, %d refused by the masters%s, %.2f s%n",
                    camera,
                    publisher.published(),
                    dropped,
                    publisher.refused(),
                    why(publisher),
                    seconds);
        }
        json.write(out, result);
        return dropped > 0 || publisher.refused() > 0 ? ExitCode.DEGRADED : ExitCode.OK;
    }

    private static long epochNs() {
        final java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }
}
