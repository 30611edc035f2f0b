package io.dragon.engine.sequencer;

import io.dragon.codecs.control.JobClosedDecoder;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.TaskResultDecoder;
import io.dragon.engine.sequencer.Messages.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A client: submits tasks that depend on each other, cancels, registers jobs; checks what it is told against what it was. */
final class SimulatedClient extends SimulatedPeer {
    private static final int RECENT = 6;

    private final boolean hasJobs;

    /** Submitted and not heard of; heard of, with what was said; the last ones, to depend on. */
    final Set<Long> expected = new LinkedHashSet<>();

    private final Map<Long, String> delivered = new HashMap<>();
    private final Set<Long> closed = new HashSet<>();
    final List<Long> recent = new ArrayList<>();
    private long jobId;
    private boolean isClosing;
    private long burstUs;

    /** It comes back under another name now and then: names are used up and must be forgotten. */
    private int names;

    SimulatedClient(
            final Simulation simulation, final SimulatedProcess process, final String name, final boolean hasJobs) {
        super(simulation, process, PartyKind.CLIENT, name);
        this.hasJobs = hasJobs;
    }

    @Override
    void registered() {
        for (final String type : Simulation.TYPES) {
            send(Messages.type(type));
        }
        makePool();
    }

    @Override
    void forgotten() {
        expected.clear();
        delivered.clear();
        closed.clear();
        recent.clear();
        jobId = 0;
        isClosing = false;
        if (!simulation.isQuiet && random.nextInt(3) == 0) {
            name = name.split("[.@]")[0] + "." + ++names + "@" + process.host.name;
        }
    }

    @Override
    boolean isAtRest() {
        return super.isAtRest() && expected.isEmpty() && jobId == 0;
    }

    @Override
    void work() {
        if (jobId != 0 && !isClosing && (simulation.isQuiet || random.nextInt(150) == 0)) {
            isClosing = true;
            send(Messages.closeJob(jobId));
        }
        if (simulation.isQuiet) {
            return;
        }
        if (hasJobs && jobId == 0) {
            registerJob();
        }
        if (random.nextInt(60) == 0) {
            query();
        }
        if (random.nextInt(400) == 0) {
            allocate();
        }
        if (random.nextInt(300) == 0) {
            send(Messages.optimize(simulation.nextCorrelation()));
        }
        if (simulation.nowUs > burstUs && random.nextInt(40) == 0) {
            burstUs = simulation.nowUs + random.nextInt(200_000);
        }
        final int most = simulation.nowUs < burstUs ? 4 : random.nextInt(2);
        for (int i = 0; i < most && expected.size() < simulation.plan.mostExpected && unacked.size() < 30; i++) {
            submit();
        }
    }

    private void registerJob() {
        final int[] cameras = simulation.activeCameras();
        if (cameras.length < 2) {
            return;
        }
        final int[] pairs = new int[cameras.length];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = i + 1 < pairs.length || i % 2 == 1 ? 1 + i / 2 : Job.NO_PAIR;
        }
        jobId = Tasks.id(
                id,
                send(Messages.job()
                        .cameras(cameras)
                        .pairs(pairs)
                        .with(job -> {
                            job.skewNs = 50;
                            job.deadlineMs = 150;
                            job.deliver = random.nextBoolean();
                            job.slabs = 1 + random.nextInt(3);
                            job.inputs = new Frame[] {frame()};
                        })
                        .encode()));
    }

    private void allocate() {
        final int[] cameras = simulation.activeCameras();
        final int[] pairs = new int[cameras.length];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = 1 + i / 2;
        }
        simulation.count(Covered.CAMERAS_ALLOCATED);
        send(Messages.allocate(cameras, pairs));
    }

    private void submit() {
        final Messages.Submit task = Messages.task()
                .type(1 + random.nextInt(Simulation.TYPES.length))
                .priority(random.nextInt(3) == 0 ? random.nextInt(8) : 3)
                .attempts(random.nextInt(4))
                .deadlineMs(random.nextInt(8) == 0 ? 1 + random.nextInt(400) : 0);
        if (random.nextInt(3) == 0) {
            task.after(dependencies());
        }
        if (random.nextInt(4) == 0) {
            task.memoryBytes(
                    random.nextInt(Simulation.MEMORY + Simulation.MEMORY / 10) * (random.nextInt(60) == 0 ? 100 : 1));
        }
        if (random.nextInt(3) == 0) {
            task.optional();
        }
        if (random.nextInt(3) == 0) {
            task.inputs(frame());
        }
        final long taskId = Tasks.id(id, send(task.encode()));
        expected.add(taskId);
        recent.add(taskId);
        if (recent.size() > RECENT) {
            recent.remove(0);
        }
        if (random.nextInt(15) == 0) {
            send(Messages.cancel(recent.get(random.nextInt(recent.size()))));
        }
    }

    /** Of its own last tasks; now and then of another client's. */
    private long[] dependencies() {
        final List<Long> from = random.nextInt(10) == 0 ? simulation.anyClient().recent : recent;
        if (from.isEmpty()) {
            return new long[0];
        }
        final long[] ids = new long[1 + random.nextInt(2)];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = from.get(random.nextInt(from.size()));
        }
        return ids;
    }

    @Override
    void counted(final Event event) {
        if (event.is(TaskResultDecoder.TEMPLATE_ID)) {
            result(event);
        } else if (event.is(JobClosedDecoder.TEMPLATE_ID)) {
            if (event.number == lastEvent) { // and not ahead of what was lost
                closed.add(event.jobId);
            }
            if (event.jobId == jobId) {
                jobId = 0;
                isClosing = false;
            }
        }
    }

    private void result(final Event event) {
        final String said = Oracle.content(event);
        final String before = delivered.put(event.taskId, said);
        Invariants.that(before == null || before.equals(said), "none delivered twice: a second, other result");
        if (before != null) {
            return;
        }
        if (event.jobId != 0) {
            Invariants.that(!closed.contains(event.jobId), "the end of a job comes behind its results");
            simulation.count(Covered.JOB_RESULTS);
        } else {
            Invariants.that(expected.remove(event.taskId), "a result is one of a task that was submitted");
            simulation.count(Covered.RESULTS);
        }
    }
}
