package io.dragon.engine.frame;

import io.dragon.engine.config.DragonDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A process that publishes or reads until it is killed. It ends by itself when its parent does. */
public final class FrameChild {
    private static final long IDLE_NS = 50_000;

    private FrameChild() {}

    /**
     * Runs a child.
     *
     * @param args {@code publish DIR SEED POLICY}, {@code read DIR SEED POOL...}, {@code hold DIR POOL SEQUENCE SLOT} or {@code probe LOCK}
     * @throws IOException when its parent cannot be heard
     */
    public static void main(final String[] args) throws IOException {
        final DragonDirectory directory = DragonDirectory.of(Path.of(args[1]));
        switch (args[0]) {
            case "publish" -> publish(directory, Long.parseLong(args[2]), FullPolicy.valueOf(args[3]));
            case "read" -> read(directory, args);
            case "probe" -> probe(Path.of(args[1]));
            default -> hold(directory, args);
        }
    }

    private static void endWithParent() {
        final Thread thread = new Thread(() -> {
            try {
                while (System.in.read() >= 0) {
                    Thread.onSpinWait();
                }
            } catch (final IOException e) {
                System.err.println("parent: " + e);
            }
            Runtime.getRuntime().halt(3);
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** Has a lock as whoever probes it has, for as long as its parent wants. */
    private static void probe(final Path lock) throws IOException {
        try (LockFile file = LockFile.open(lock)) {
            System.out.println(file.tryLock(0));
            if (System.in.read() < 0) {
                System.err.println("parent: gone");
            }
        }
    }

    private static void publish(final DragonDirectory directory, final long seed, final FullPolicy policy) {
        endWithParent();
        final CheckedFrames frames = new CheckedFrames(seed);
        final FramePool pool = FramePool.create(new FramePool.Context()
                .directory(directory)
                .ownerName("child")
                .slotCount(8)
                .slotLength(CheckedFrames.MAX_LENGTH)
                .fullPolicy(policy));
        System.out.println(Long.toHexString(pool.poolId()));
        final FrameClaim claim = new FrameClaim();
        final ArrayDeque<FrameRef> held = new ArrayDeque<>();
        for (; ; ) {
            publishOne(pool, claim, frames, held);
            if (frames.nextInt(8) == 0) {
                LockSupport.parkNanos(IDLE_NS);
            }
        }
    }

    static void publishOne(
            final FramePool pool, final FrameClaim claim, final CheckedFrames frames, final ArrayDeque<FrameRef> held) {
        if (pool.tryClaim(claim, frames.nextLength()) >= 0) {
            frames.fill(claim, pool.poolId());
            final FrameRef ref = new FrameRef();
            if (frames.nextInt(16) == 0) {
                claim.abort();
            } else if (frames.nextBoolean()) {
                claim.publish(ref, true);
                held.add(ref);
            } else {
                claim.publish(ref, false);
            }
        }
        if (held.size() > 3) {
            pool.release(held.remove());
        }
        pool.sweepDeadReaders();
    }

    private static void read(final DragonDirectory directory, final String[] args) {
        endWithParent();
        final CheckedFrames frames = new CheckedFrames(Long.parseLong(args[2]));
        final FrameReader reader = new FrameReader(directory, "child");
        final List<FrameSubscriber> subscribers = new ArrayList<>();
        for (int i = 3; i < args.length; i++) {
            subscribers.add(FrameSubscriber.attach(directory, Long.parseUnsignedLong(args[i], 16), "child"));
        }
        System.out.println("READY");
        final FrameLease kept = new FrameLease();
        for (; ; ) {
            int polled = 0;
            for (final FrameSubscriber subscriber : subscribers) {
                polled += subscriber.poll(
                        frame -> {
                            report(frames.fault(frame, frame.ref()));
                            // Keep some for longer, by the other way to read.
                            if (frames.nextInt(10) == 0) {
                                kept.release();
                                if (reader.acquire(frame.ref(), kept) == 0) {
                                    report(frames.fault(kept, kept.ref()));
                                }
                            }
                        },
                        4);
            }
            if (polled == 0) {
                LockSupport.parkNanos(IDLE_NS);
            }
        }
    }

    private static void report(final String fault) {
        if (fault != null) {
            System.out.println("BAD " + fault);
        }
    }

    private static void hold(final DragonDirectory directory, final String[] args) throws IOException {
        final long poolId = Long.parseUnsignedLong(args[2], 16);
        final FrameReader reader = new FrameReader(directory, "holder");
        final FrameSubscriber subscriber = FrameSubscriber.attach(directory, poolId, "subscriber");
        final FrameLease lease = new FrameLease();
        final FrameRef ref = new FrameRef()
                .set(poolId, Long.parseLong(args[3]), Integer.parseInt(args[4]), Integer.parseInt(args[5]));
        final CheckedFrames frames = new CheckedFrames(0);
        System.out.println("HELD " + reader.acquire(ref, lease));
        final BufferedReader parent = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        if (parent.readLine() != null) {
            report(frames.fault(lease, ref));
            final int[] polled = {0};
            subscriber.poll(
                    frame -> {
                        report(frames.fault(frame, frame.ref()));
                        polled[0]++;
                    },
                    1_000);
            System.out.println("WOKE " + lease.isHeld() + " " + polled[0] + " " + subscriber.missed());
            lease.release();
            System.out.println("STALE "
                    + reader.acquire(
                            new FrameRef().set(poolId, ref.sequence() - 1, ref.slot(), ref.length()),
                            new FrameLease()));
        }
        if (parent.readLine() != null) {
            subscriber.close();
            reader.close();
        }
    }
}
