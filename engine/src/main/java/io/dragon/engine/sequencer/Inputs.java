package io.dragon.engine.sequencer;

import java.nio.ByteOrder;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The inputs of a task as its assignment lists them, gathered from itself, its dependencies, or its step. */
final class Inputs {
    static final int MOST = 40;
    static final int OWN = 65_534;
    static final int TOO_MANY = -1;
    static final int LOST = -2;

    private static final int ABSENT = 1;

    private final Core core;

    /** Frame references, one after the other. */
    final MutableDirectBuffer references = new UnsafeBuffer(new byte[MOST * Task.REF]);

    final int[] sources = new int[MOST];
    final int[] flags = new int[MOST];
    int count;
    int cameraBits;

    /** Bit i: input i is left out because it is lost. */
    long lost;

    private boolean isTooMany;
    private boolean isLost;

    /** Those left out are those of the assignment, whatever has become of them. */
    private boolean isFixed;

    private final int[] nodes = new int[MOST];
    private final long[] nodeBytes = new long[MOST];

    Inputs(final Core core) {
        this.core = core;
    }

    /** Gathers; the number of inputs, or {@link #TOO_MANY}, or {@link #LOST}. */
    int gather(final Task task) {
        isFixed = false;
        lost = 0;
        return gatherAll(task);
    }

    /** As the present assignment lists them, also when it is told again. */
    void gatherAssigned(final Task task) {
        isFixed = true;
        lost = task.lostInputs;
        gatherAll(task);
    }

    private int gatherAll(final Task task) {
        count = 0;
        cameraBits = 0;
        isTooMany = false;
        isLost = false;
        switch (task.kind) {
            case Task.PER_FRAME -> gatherHistory(task);
            case Task.PER_STEP -> gatherStep(task);
            default -> gatherDependencies(task);
        }
        return isTooMany ? TOO_MANY : isLost ? LOST : count;
    }

    /** Length of all that was gathered. */
    long bytes() {
        long bytes = 0;
        for (int i = 0; i < count; i++) {
            bytes += length(i);
        }
        return bytes;
    }

    long length(final int input) {
        return references.getInt(input * Task.REF + 20, ByteOrder.LITTLE_ENDIAN) & 0xFFFF_FFFFL;
    }

    /** The node of the host where an input lies; 0 unknown. */
    int nodeId(final int input) {
        final Pool pool = flags[input] != 0
                ? null
                : core.frames.pools.get(references.getLong(input * Task.REF, ByteOrder.LITTLE_ENDIAN));
        return pool == null ? 0 : pool.nodeId;
    }

    /** Tells the task which node holds most of what was gathered: of several with as much, the one with the first input. */
    void weigh(final Task task) {
        int known = 0;
        int best = 0;
        for (int i = 0; i < count; i++) {
            final int nodeId = nodeId(i);
            if (nodeId != 0) {
                int at = 0;
                while (at < known && nodes[at] != nodeId) {
                    at++;
                }
                if (at == known) {
                    nodes[known] = nodeId;
                    nodeBytes[known++] = 0;
                }
                nodeBytes[at] += length(i);
            }
        }
        for (int i = 1; i < known; i++) {
            best = nodeBytes[i] > nodeBytes[best] ? i : best;
        }
        task.inputBytes = bytes();
        task.homeNodeId = known == 0 ? 0 : nodes[best];
        task.homeBytes = known == 0 ? 0 : nodeBytes[best];
    }

    private void gatherDependencies(final Task task) {
        add(task.payload, task.inputs, OWN, false);
        int index = 0;
        for (Edge edge = task.dependencies; edge != null; edge = edge.nextOfDependant) {
            final Task dependency = edge.dependency;
            if (dependency.state == Task.COMPLETED) {
                add(dependency.result, dependency.outputs, index, task.optional);
            } else {
                addAbsent(index);
            }
            index++;
        }
    }

    private void gatherHistory(final Task task) {
        for (int i = 0; i < task.inputs; i++) {
            core.view.wrap(task.payload);
            if (core.view.getLong(i * Task.REF) == 0) {
                addAbsent(task.part);
            } else {
                add(i * Task.REF, task.part, i > 0);
            }
        }
    }

    private void gatherStep(final Task task) {
        final Job job = task.job;
        add(job.inputs, job.inputs.length / Task.REF, OWN, false);
        for (int camera = 0; camera < job.cameras.length; camera++) {
            final Task mask = task.step.masks[camera];
            final boolean included = (task.step.includedBits >>> camera & 1) != 0;
            final int before = count;
            if (included && mask.state == Task.COMPLETED && mask.outputs > 0) {
                add(mask.result, mask.outputs, camera, true);
                if (count > before && flags[before] == 0) {
                    cameraBits |= 1 << camera;
                }
            } else {
                addAbsent(camera);
            }
        }
    }

    private void add(final byte[] bytes, final int number, final int source, final boolean isOptional) {
        for (int i = 0; i < number; i++) {
            core.view.wrap(bytes);
            add(i * Task.REF, source, isOptional);
        }
    }

    private void add(final int offset, final int source, final boolean isOptional) {
        if (count < MOST && isLeftOut(offset)) {
            isLost |= !isOptional;
            lost |= 1L << count;
            addAbsent(source);
        } else if (count == MOST) {
            isTooMany = true;
        } else {
            references.putBytes(count * Task.REF, core.view, offset, Task.REF);
            sources[count] = source;
            flags[count++] = 0;
        }
    }

    private boolean isLeftOut(final int offset) {
        return isFixed
                ? (lost >>> count & 1) != 0
                : core.parties.deadNodes > 0 && core.frames.isLost(core.view, offset);
    }

    private void addAbsent(final int source) {
        if (count == MOST) {
            isTooMany = true;
        } else {
            references.setMemory(count * Task.REF, Task.REF, (byte) 0);
            sources[count] = source;
            flags[count++] = ABSENT;
        }
    }
}
