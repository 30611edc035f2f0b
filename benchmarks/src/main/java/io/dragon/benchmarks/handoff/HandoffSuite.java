package io.dragon.benchmarks.handoff;

import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.ChildJvm;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Schedule;
import io.dragon.benchmarks.harness.Scratch;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.engine.config.DragonDirectory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * A frame to another process and one of the same size back, of four sizes by turns in one pair of processes. Both ends spin, here and nowhere
 * else: what is measured is the hand-over, not how a thread is woken. Each round trip has its intended moment.
 */
public final class HandoffSuite implements Suite {
    private static final String NAME = "handoff";
    private static final String OURS = "ours";
    private static final String LINE = "mapped cache line";
    private static final String AERON = "Aeron IPC";
    private static final String ICEORYX = "iceoryx 2.0.3";
    private static final String FLAT = "our own 64 B";
    private static final String UNIT = "us";
    private static final double SECONDS = 1;
    private static final int ROUNDS = 5;
    private static final int WARM_UPS = 2;
    private static final double START_SECONDS = 60;
    private static final long LOST_NS = 10_000_000_000L;
    private static final String HEAP = "400m";
    private static final String SOURCE = "below 1 us one way (shared memory transfer)";

    /** Aeron copies: one size after another, each at a rate that it can keep. */
    private static final double[] AERON_RATES = {5_000, 250, 10, 4};

    private static final int LEAST_COPIES = 3;

    private double seconds;
    private long number;

    /** The suite. */
    public HandoffSuite() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "a frame to another process and back: 64 B, 1 MB, 33 MB, 100 MB by turns";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        seconds = run.seconds(SECONDS);
        try (Scratch scratch = Scratch.make();
                Line line = new Line(scratch.path().resolve("line"));
                ChildJvm driver = startDriver(scratch.path().resolve("aeron"));
                FrameEnd frames = new FrameEnd(DragonDirectory.of(scratch.path()), "questions");
                ChildJvm partner = ChildJvm.start(
                        HandoffPartner.class, HEAP, "partner", scratch.path().toString());
                IceoryxPair iceoryx = IceoryxPair.startOrTell(scratch.path(), run)) {
            run.say("media driver of the bare exchange: process " + driver.pid());
            frames.subscribe(Long.parseLong(partner.await("pool ", START_SECONDS)));
            partner.send(Long.toString(frames.poolId()));
            partner.await("subscribed", START_SECONDS);
            try (AeronEnd messages =
                    new AeronEnd(scratch.path().resolve("aeron").toString(), AeronEnd.QUESTIONS, AeronEnd.ANSWERS)) {
                await(partner, messages::isConnected);
                greet(line, partner, frames);
                final Contest contest = new Contest(NAME)
                        .side(OURS, round -> serving(line, Line.FRAMES, () -> frames(partner, frames)))
                        .side(LINE, round -> serving(line, Line.LINE, () -> line(partner, line)))
                        .side(AERON, round -> serving(line, Line.AERON, () -> messages(partner, messages)));
                if (iceoryx != null) {
                    contest.side(ICEORYX, round -> iceoryx.run(seconds));
                }
                contest.run(WARM_UPS, run.rounds(ROUNDS), run::say);
                run.keep(NAME, contest);
                report(run, contest, iceoryx != null);
            }
        }
        if (Runtime.getRuntime().availableProcessors() <= 2) {
            run.remark("handoff: both ends spin, and this machine has a core for each and none for anything else");
        }
    }

    private static ChildJvm startDriver(final Path directory) throws Exception {
        final ChildJvm child = ChildJvm.start(HandoffPartner.class, HEAP, "driver", directory.toString());
        try {
            child.await("driving ", START_SECONDS);
            return child;
        } catch (final InterruptedException | RuntimeException e) {
            child.close();
            throw e;
        }
    }

    private static void report(final SuiteRun run, final Contest contest, final boolean hasIceoryx) {
        for (final String from : List.of("", Sizes.FROM_SENDING)) {
            for (final String size : Sizes.NAMES) {
                final String name = size + from;
                if (hasIceoryx) {
                    run.add(contest.row(OURS, ICEORYX, name, UNIT, Better.LOWER).withSource(SOURCE));
                }
                run.add(contest.row(name, OURS, name, LINE, LINE + from, LINE, UNIT, Better.LOWER)
                        .withSource(SOURCE));
                run.add(contest.row(OURS, AERON, name, UNIT, Better.LOWER).withSource(SOURCE));
            }
            for (final String size : Sizes.NAMES.subList(1, Sizes.NAMES.size())) {
                final String smallest = Sizes.NAMES.get(0) + from;
                run.add(contest.row(
                        size + " beside 64 B" + from, OURS, size + from, OURS, smallest, FLAT, UNIT, Better.LOWER));
            }
        }
        run.remark(
                "handoff: Aeron copies a frame in and out and is answered with 64 B; ours and iceoryx are answered with a frame of"
                        + " the same size; all write and check the first and the last eight bytes; ours and iceoryx take the next slot or chunk"
                        + " when the frame before is out, and answer before they give one back");
    }

    /** What a side measures while the partner serves it. */
    private interface Measure {
        Map<String, Sample> run();
    }

    private static Map<String, Sample> serving(final Line line, final int what, final Measure measure) {
        line.serve(what);
        try {
            return measure.run();
        } finally {
            line.serve(Line.NOTHING);
        }
    }

    /** Each pool takes its new subscriber with a frame that it publishes: until the first answer, frames may go unheard. */
    private void greet(final Line line, final ChildJvm partner, final FrameEnd frames) {
        line.serve(Line.FRAMES);
        final long deadlineNs = System.nanoTime() + LOST_NS;
        boolean answered = false;
        while (!answered) {
            frames.publish(++number, Sizes.BYTES[0]);
            final long askedNs = System.nanoTime();
            while (!answered && System.nanoTime() - askedNs < LOST_NS / 1_000) {
                answered = frames.poll();
            }
            check(partner, deadlineNs);
        }
        while (frames.number() != number) { // a later answer to an earlier frame
            if (!frames.poll()) {
                check(partner, deadlineNs);
            }
        }
        line.serve(Line.NOTHING);
    }

    private Map<String, Sample> frames(final ChildJvm partner, final FrameEnd frames) {
        final Sizes.Times[] times = Sizes.times();
        final Schedule schedule = new Schedule(System.nanoTime(), Sizes.RATE);
        final long count = Math.max(Sizes.BYTES.length, schedule.countIn(seconds));
        for (long i = 0; i < count; i++) {
            final int size = (int) (i % Sizes.BYTES.length);
            final long intendedNs = schedule.intendedNs(i);
            final long sentNs = awaitIntended(intendedNs);
            frames.publish(++number, Sizes.BYTES[size]);
            await(partner, frames::poll);
            times[size].add(intendedNs, sentNs, System.nanoTime());
            if (frames.number() != number || frames.length() != Sizes.BYTES[size]) {
                throw new IllegalStateException("the partner answered another frame");
            }
        }
        return Sizes.samples(times);
    }

    private Map<String, Sample> line(final ChildJvm partner, final Line line) {
        final Sizes.Times times = new Sizes.Times();
        final Schedule schedule = new Schedule(System.nanoTime(), Sizes.RATE);
        final long count = schedule.countIn(seconds);
        for (long i = 0; i < count; i++) {
            final long intendedNs = schedule.intendedNs(i);
            final long sentNs = awaitIntended(intendedNs);
            final long question = line.get() + 1;
            line.put(question);
            await(partner, () -> line.get() == question + 1);
            times.add(intendedNs, sentNs, System.nanoTime());
        }
        final Map<String, Sample> samples = new LinkedHashMap<>();
        times.put(LINE, samples);
        return samples;
    }

    private Map<String, Sample> messages(final ChildJvm partner, final AeronEnd messages) {
        final Map<String, Sample> samples = new LinkedHashMap<>();
        for (int size = 0; size < Sizes.BYTES.length; size++) {
            final Sizes.Times times = new Sizes.Times();
            final Schedule schedule = new Schedule(System.nanoTime(), AERON_RATES[size]);
            final long count = Math.max(LEAST_COPIES, schedule.countIn(seconds / Sizes.BYTES.length));
            for (long i = 0; i < count; i++) {
                final long intendedNs = schedule.intendedNs(i);
                final long sentNs = awaitIntended(intendedNs);
                messages.send(++number, Sizes.BYTES[size]);
                await(partner, messages::poll);
                times.add(intendedNs, sentNs, System.nanoTime());
                if (messages.number() != number) {
                    throw new IllegalStateException("the partner answered another message");
                }
            }
            times.put(Sizes.NAMES.get(size), samples);
        }
        return samples;
    }

    private static long awaitIntended(final long intendedNs) {
        long nowNs = System.nanoTime();
        while (nowNs - intendedNs < 0) {
            Thread.onSpinWait();
            nowNs = System.nanoTime();
        }
        return nowNs;
    }

    private static void await(final ChildJvm partner, final BooleanSupplier answer) {
        int spins = 0;
        long deadlineNs = 0;
        while (!answer.getAsBoolean()) {
            Thread.onSpinWait();
            if (++spins == 1 << 16) {
                spins = 0;
                deadlineNs = deadlineNs == 0 ? System.nanoTime() + LOST_NS : deadlineNs;
                check(partner, deadlineNs);
            }
        }
    }

    private static void check(final ChildJvm partner, final long deadlineNs) {
        if (!partner.isAlive()) {
            throw new IllegalStateException("the partner of the hand-off has ended");
        }
        if (System.nanoTime() - deadlineNs >= 0) {
            throw new IllegalStateException("the partner of the hand-off has not answered for 10 s");
        }
    }
}
