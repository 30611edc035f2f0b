package io.dragon.engine.sequencer;

import io.dragon.codecs.control.AssignTaskDecoder;
import io.dragon.codecs.control.IncidentKind;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.RevokeTaskDecoder;
import io.dragon.engine.sequencer.Messages.Frame;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/** A worker: control that always answers, compute that may hang, crawl, fail in bursts, or report twice and too late. */
final class SimulatedWorker extends SimulatedPeer {
    private record Assignment(Event event, boolean isRevoked) {}

    private static final int TOO_MANY_PIECES = 1_000;

    private final int window;
    private final int meanUs;
    private final ArrayDeque<Assignment> queue = new ArrayDeque<>();
    private final Set<String> known = new HashSet<>();
    private Assignment current;
    private long startedUs;
    private long doneUs;
    private long finished;

    /** Of its own, so that a device that is always well changes nothing else of a seed. */
    private final SplittableRandom heat;

    private long hotUntilUs;
    private long deviceToldUs;
    private boolean toldHot;
    long hangUntilUs;
    long slowUntilUs;
    long failUntilUs;

    SimulatedWorker(
            final Simulation simulation,
            final SimulatedProcess process,
            final String name,
            final int window,
            final int meanUs) {
        super(simulation, process, PartyKind.WORKER, name);
        this.window = window;
        this.meanUs = meanUs;
        heat = new SplittableRandom(simulation.seed + name.hashCode());
    }

    @Override
    int window() {
        return window;
    }

    @Override
    long memoryBytes() {
        return name.startsWith("worker0") && !simulation.plan.isMemoryKnown ? 0 : Simulation.MEMORY;
    }

    @Override
    long freeBytes() {
        return memoryBytes() == 0 ? -1 : simulation.isQuiet ? memoryBytes() : random.nextInt(Simulation.MEMORY);
    }

    @Override
    long progress() {
        return finished;
    }

    @Override
    long computing() {
        return current == null ? 0 : current.event.taskId;
    }

    @Override
    void registered() {
        for (int i = 0; i < Simulation.TYPES.length; i++) {
            // Every type has a worker that runs it for certain: the first one.
            if (name.startsWith("worker0") || random.nextInt(5) != 0) {
                send(Messages.type(Simulation.TYPES[i]));
            }
        }
        makePool();
    }

    @Override
    void forgotten() {
        queue.clear();
        known.clear();
        current = null;
        finished = 0;
        hangUntilUs = 0;
        deviceToldUs = 0;
        toldHot = false;
    }

    @Override
    void work() {
        final long nowUs = simulation.nowUs;
        if (simulation.seed % 3 == 0) {
            device(nowUs);
        }
        if (nowUs < hangUntilUs) {
            return;
        }
        if (!simulation.isQuiet && random.nextInt(1_500) == 0) {
            simulation.count(Covered.REPORTED);
            send(Messages.incident(
                    IncidentKind.DEVICE_UNFIT, IncidentRule.DEVICE_HEALTH, id, random.nextInt(900), 0, "too hot"));
        }
        if (current != null && nowUs >= doneUs) {
            report(current);
            current = null;
        }
        if (current == null && !queue.isEmpty()) {
            current = queue.poll();
            startedUs = nowUs;
            if (nowUs < slowUntilUs) {
                simulation.count(Covered.SLOW_TASKS);
            }
            doneUs = nowUs + random.nextInt(2 * meanUs) * (nowUs < slowUntilUs ? 20L : 1L);
        }
    }

    /** Its device gets too hot now and then, and cools down; it says so at every change, and once a second. */
    private void device(final long nowUs) {
        if (!simulation.isQuiet && nowUs >= hotUntilUs && heat.nextInt(150) == 0) {
            hotUntilUs = nowUs + 50_000 + heat.nextInt(2_500_000);
        }
        final boolean isHot = nowUs < hotUntilUs && !simulation.isQuiet;
        if (isHot != toldHot || nowUs - deviceToldUs >= 1_000_000) {
            toldHot = isHot;
            deviceToldUs = nowUs;
            tell(Messages.deviceReport(
                    isHot ? DeviceTold.FAILED : heat.nextInt(3),
                    heat.nextInt(800),
                    heat.nextInt(100) - 1,
                    isHot ? "at " + (90 + heat.nextInt(9)) + " degrees" : ""));
        }
    }

    private void report(final Assignment assignment) {
        final Event task = assignment.event;
        finished++;
        if (assignment.isRevoked) {
            simulation.count(Covered.LATE_REPORTED);
        }
        final Reason reason = reason(task);
        final int twice = random.nextInt(25);
        send(report(task, reason));
        if (twice == 0) {
            simulation.count(Covered.TWICE_REPORTED);
            send(report(task, random.nextBoolean() ? reason : Reason.HANDLER_FAILED));
        }
    }

    private Reason reason(final Event task) {
        for (int i = 0; i < task.frames.size(); i++) {
            if (!task.absent.get(i)
                    && simulation.vanishedPools.contains(task.frames.get(i).pool())) {
                simulation.count(Covered.INPUTS_LOST);
                return Reason.INPUT_LOST;
            }
        }
        for (int i = 0; i < task.frames.size(); i++) {
            final boolean isOutOfReach = !task.absent.get(i)
                    && simulation.links.isOutOfReach(task.frames.get(i).pool(), process.host);
            if (isOutOfReach && random.nextInt(3) != 0) {
                simulation.count(Covered.OUT_OF_REACH);
                return Reason.INPUT_UNREACHABLE;
            }
        }
        if (!simulation.isQuiet && !task.frames.isEmpty() && random.nextInt(200) == 0) {
            simulation.count(Covered.CORRUPT);
            return Reason.INPUT_CORRUPT;
        }
        if (simulation.nowUs < failUntilUs && random.nextInt(5) != 0) {
            return Reason.HANDLER_FAILED;
        }
        // What a task needs, and whether it can be done at all, is its own: the same on whatever worker.
        final int chance = Math.floorMod(task.taskId * 0x9E37_79B9L >>> 8, 240);
        final int pieces = chance == 0 ? TOO_MANY_PIECES : chance <= 6 ? 4 : 1;
        if (chance > 6 && chance <= 12) {
            return Reason.HANDLER_FAILED;
        }
        if (Math.max(1, task.split) < pieces) {
            simulation.count(Covered.OUT_OF_MEMORY);
            return Reason.OUT_OF_MEMORY;
        }
        if (!simulation.isQuiet && random.nextInt(16) == 0) {
            return switch (random.nextInt(6)) {
                case 0 -> Reason.NO_OUTPUT_SLOT;
                case 1 -> Reason.BAD_INPUT;
                case 2 -> Reason.WORKER_LOST;
                default -> Reason.HANDLER_FAILED;
            };
        }
        return Reason.NONE;
    }

    private byte[] report(final Event task, final Reason reason) {
        final String text = name + "/" + incarnation + "/" + seq;
        final Frame[] outputs = new Frame[reason == Reason.NONE ? random.nextInt(3) : 0];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = frame();
        }
        final long executionNs = 1_000 * (simulation.nowUs - startedUs);
        return Messages.complete(task.taskId, task.attempt, reason, text, executionNs, outputs);
    }

    @Override
    void counted(final Event event) {
        if (event.is(AssignTaskDecoder.TEMPLATE_ID)) {
            if (known.add(event.taskId + "/" + event.attempt)) {
                queue.add(new Assignment(event, false));
            }
        } else if (event.is(RevokeTaskDecoder.TEMPLATE_ID)) {
            revoke(event);
        }
    }

    /** It lets go, or it does not and is late. */
    private void revoke(final Event event) {
        final boolean letsGo = random.nextInt(3) != 0;
        if (current != null && matches(current, event)) {
            current = letsGo ? null : new Assignment(current.event, true);
        }
        if (letsGo) {
            queue.removeIf(each -> matches(each, event));
        }
    }

    private static boolean matches(final Assignment assignment, final Event event) {
        return assignment.event.taskId == event.taskId && assignment.event.attempt == event.attempt;
    }
}
