package io.dragon.benchmarks.system;

import io.aeron.cluster.client.AeronCluster;
import io.dragon.benchmarks.harness.Better;
import io.dragon.benchmarks.harness.Contest;
import io.dragon.benchmarks.harness.Row;
import io.dragon.benchmarks.harness.Sample;
import io.dragon.benchmarks.harness.Suite;
import io.dragon.benchmarks.harness.SuiteRun;
import io.dragon.engine.client.ClientContext;
import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.Passport;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.worker.NoopHandler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A task that does nothing, from its submission to its result at the client, through a sequencer and a worker of their own processes;
 * beside a message through a bare Aeron Cluster of one member, to another client and back. The same media driver, the same idle strategies, the
 * same folder; both are started anew for each round, since even idle they would take cores from each other. Both sides' messages say when they were
 * where, so that the stages stand beside each other.
 */
public final class DispatchSuite implements Suite {
    private static final String NAME = "dispatch";
    private static final String OURS = "ours";
    private static final String BARE = "bare Aeron Cluster";
    private static final int[] RATES = {1_000, 5_000};
    private static final double SECONDS = 4;

    /** The least; then until the compilers rest: while one works, whoever yields to it waits for milliseconds. */
    private static final double WARM_UP_SECONDS = 10;

    /** Whether they rest is seen in so long at each rate, one after the other. */
    private static final double LOOK_SECONDS = 1;

    /** One look without them may be a gap between two bursts. */
    private static final int LOOKS = 4;

    /** They rest when those of all processes together take less than this of one core: p99 shows a hundredth of the time. */
    private static final double REST = 0.003;

    /** Some never rest: what is called twenty times a second is compiled for good after minutes. */
    private static final double MOST_WARM_UP_SECONDS = 60;

    /** Others that take more of the cores are what the slowest hundredth shows, whichever side it is. */
    private static final double QUIET = 0.01;

    private static final double NS_A_SECOND = 1e9;
    private static final double PERCENT = 100;

    private static final int ROUNDS = 5;
    private static final double P99 = 99;
    private static final double MICROSECONDS = 1e-3;
    private static final String HEAP = "512m";
    private static final Duration FIRST_RESULT = Duration.ofSeconds(60);
    private static final int ASKER_STREAM = 2_001;
    private static final String SOURCE = "below 1 ms (task dispatch)";

    private double seconds;
    private double warmUpSeconds;

    /** What the compilers of a system took of one core at last before it was measured; the most of all rounds. */
    private double unrest;

    /** What programs that have nothing to do with it took of all cores while a rate was measured; the most. */
    private double others;

    /** The suite. */
    public DispatchSuite() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String about() {
        return "submit, no-op on a worker process, result at the client; 1,000 and 5,000 a second";
    }

    @Override
    public void run(final SuiteRun run) throws Exception {
        seconds = run.seconds(SECONDS);
        warmUpSeconds = Math.max(seconds, WARM_UP_SECONDS);
        final Contest contest = new Contest(NAME)
                .side(OURS, round -> ours())
                .side(BARE, round -> bare())
                .run(0, run.rounds(ROUNDS), run::say);
        run.keep(NAME, contest, name -> !name.contains(", "));
        for (final int rate : RATES) {
            run.add(contest.row(OURS, BARE, caseOf(rate), "us", Better.LOWER).withSource(SOURCE));
            run.add(Row.ofRounds(
                    NAME,
                    caseOf(rate) + ", p99",
                    "us",
                    Better.LOWER,
                    contest.percentiles(OURS, caseOf(rate), P99),
                    BARE,
                    contest.percentiles(BARE, caseOf(rate), P99)));
            for (final Stages.Stage stage : Stages.Stage.values()) {
                run.add(
                        stage == Stages.Stage.WORKED // the other side's does nothing there
                                ? Row.alone(
                                        NAME,
                                        caseOf(rate, stage),
                                        "us",
                                        Better.LOWER,
                                        contest.all(OURS, caseOf(rate, stage)))
                                : contest.row(OURS, BARE, caseOf(rate, stage), "us", Better.LOWER));
            }
        }
        if (unrest >= REST) {
            run.remark(String.format(
                    Locale.ROOT,
                    "dispatch: compilers still took up to %.1f %% of a core when the warm-up ended, which is after %.0f s at most",
                    PERCENT * unrest,
                    Math.max(warmUpSeconds, MOST_WARM_UP_SECONDS)));
        }
        if (others >= QUIET) {
            run.remark(String.format(
                    Locale.ROOT,
                    "dispatch: other programs took up to %.1f %% of the cores while it was measured: the p99 of either side tells of them",
                    PERCENT * others));
        }
        if (Runtime.getRuntime().availableProcessors() < 4) {
            run.remark(
                    "dispatch: the profile wants a core for each of about ten threads; they yield to each other here");
        }
    }

    static String caseOf(final int rate) {
        return String.format(java.util.Locale.ROOT, "%,d a second", rate);
    }

    static String caseOf(final int rate, final Stages.Stage stage) {
        return caseOf(rate) + ", " + stage.text();
    }

    /** What a run of one rate has given. */
    private record Measured(Histogram histogram, Stages stages) {}

    /** One way of sending and being answered. */
    private interface Loop {
        Measured run(double rate, double seconds) throws Exception;
    }

    private Map<String, Sample> measure(final Processes processes, final Loop loop) throws Exception {
        warmUp(processes.compilerTime(), loop);
        final Map<String, Sample> samples = new LinkedHashMap<>();
        for (final int rate : RATES) {
            final OthersTime othersTime = processes.othersTime();
            final long othersNs = othersTime.ns();
            final long beginNs = System.nanoTime();
            final Measured measured = loop.run(rate, seconds);
            final long tookNs = System.nanoTime() - beginNs;
            others = Math.max(
                    others,
                    (othersTime.ns() - othersNs)
                            / ((double) tookNs * Runtime.getRuntime().availableProcessors()));
            samples.put(caseOf(rate), Sample.of(measured.histogram, MICROSECONDS));
            for (final Stages.Stage stage : Stages.Stage.values()) {
                samples.put(caseOf(rate, stage), Sample.of(measured.stages.histogram(stage), MICROSECONDS));
            }
            processes.check();
        }
        return samples;
    }

    private void warmUp(final CompilerTime compilers, final Loop loop) throws Exception {
        loop.run(RATES[RATES.length - 1], warmUpSeconds);
        final double lookSeconds = LOOK_SECONDS * RATES.length;
        double share;
        int calm = 0;
        double warmSeconds = warmUpSeconds;
        do {
            final long beforeNs = compilers.ns();
            for (final int rate : RATES) {
                loop.run(rate, LOOK_SECONDS);
            }
            share = (compilers.ns() - beforeNs) / (lookSeconds * NS_A_SECOND);
            warmSeconds += lookSeconds;
            calm = share < REST ? calm + 1 : 0;
        } while (calm < LOOKS && warmSeconds < MOST_WARM_UP_SECONDS);
        if (calm < LOOKS) {
            unrest = Math.max(unrest, Math.max(share, REST));
        }
    }

    private Map<String, Sample> ours() throws Exception {
        try (Processes processes = new Processes()) {
            processes.start(HEAP, "driver");
            processes.start(HEAP, "master");
            processes.start(HEAP, "worker", "worker", "0");
            try (DragonClient client = DragonClient.connect(new ClientContext()
                    .directory(DragonDirectory.of(processes.folder()))
                    .aeronDirectoryName(SystemProcess.aeron(processes.folder()).toString())
                    .host(SystemProcess.HOST)
                    .name(NAME)
                    .timeouts(SystemProcess.timeouts())
                    .runProfile(SystemProcess.PROFILE))) {
                client.submit(TaskRequest.of(NoopHandler.TYPE))
                        .get(FIRST_RESULT)
                        .close();
                return measure(processes, (rate, time) -> tasks(client, rate, time));
            }
        }
    }

    private static Measured tasks(final DragonClient client, final double rate, final double time) {
        final Stages stages = new Stages();
        final OpenLoop loop = new OpenLoop();
        final OpenLoop.Way way = new OpenLoop.Way() {
            @Override
            public boolean trySend(final long number) {
                return client.trySubmit(TaskRequest.of(NoopHandler.TYPE).onDone(outcome -> {
                            // Not completed is not answered: the run ends with what is missing.
                            if (outcome.isCompleted()) {
                                loop.onAnswer(number);
                                final Passport passport = outcome.passport();
                                stages.onAnswer(
                                        loop.intendedNs(number),
                                        passport.sequencedNs(),
                                        passport.receivedNs(),
                                        passport.finishedNs(),
                                        passport.deliveredNs());
                            }
                            outcome.close();
                        }))
                        >= 0;
            }

            @Override
            public int poll() {
                return 0;
            }
        };
        return new Measured(loop.run(rate, time, way, SystemProcess.PROFILE.idleStrategy()), stages);
    }

    private Map<String, Sample> bare() throws Exception {
        try (Processes processes = new Processes()) {
            processes.start(HEAP, "driver");
            processes.start(HEAP, "cluster");
            processes.start(HEAP, "answerer");
            final OpenLoop[] present = new OpenLoop[1];
            final Stages[] stages = new Stages[1];
            try (AeronCluster cluster = AeronCluster.connect(SystemProcess.session(processes.folder(), ASKER_STREAM)
                    .egressListener((sessionId, timestamp, buffer, offset, length, header) -> {
                        if (buffer.getByte(offset) == Payload.ANSWER) {
                            final long number = buffer.getLong(offset + Payload.NUMBER);
                            present[0].onAnswer(number);
                            final long answeredNs = buffer.getLong(offset + Payload.RECEIVED);
                            stages[0].onAnswer(
                                    present[0].intendedNs(number),
                                    buffer.getLong(offset + Payload.SEQUENCED),
                                    answeredNs,
                                    answeredNs,
                                    System.nanoTime());
                        }
                    }))) {
                return measure(processes, (rate, time) -> {
                    present[0] = new OpenLoop();
                    stages[0] = new Stages();
                    return new Measured(messages(cluster, present[0], rate, time), stages[0]);
                });
            }
        }
    }

    private static Histogram messages(
            final AeronCluster cluster, final OpenLoop loop, final double rate, final double time) {
        final UnsafeBuffer message = new UnsafeBuffer(new byte[Payload.LENGTH]);
        message.putByte(0, (byte) Payload.QUESTION);
        final IdleStrategy idle = SystemProcess.PROFILE.idleStrategy();
        return loop.run(
                rate,
                time,
                new OpenLoop.Way() {
                    @Override
                    public boolean trySend(final long number) {
                        message.putLong(Payload.NUMBER, number);
                        return cluster.offer(message, 0, Payload.LENGTH) > 0;
                    }

                    @Override
                    public int poll() {
                        return cluster.pollEgress();
                    }
                },
                idle);
    }
}
