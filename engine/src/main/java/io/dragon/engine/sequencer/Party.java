package io.dragon.engine.sequencer;

import java.util.ArrayList;
import java.util.Arrays;

/** A client, worker, camera, node or master by name, through all its incarnations. */
final class Party {
    static final int CLIENT = 1;
    static final int WORKER = 2;
    static final int CAMERA = 3;
    static final int NODE = 4;
    static final int MASTER = 5;

    static final long NEVER = -1;

    final int id;
    final int kind;
    final String name;
    String host = "";
    String device = "";
    int incarnation;
    boolean isAlive;

    /** Not alive because it unregistered. */
    boolean hasLeft;

    int nodeId;
    long correlationId;
    long processId;
    long memoryBytes;
    long heardMs;

    /** Commands: the last one taken, the last one acknowledged by an event, the last one refused. */
    long lastSeq;

    long ackSentSeq;
    long ackSentMs;
    long refusedSeq;
    long refusedMs;

    /** Events: the last counter given, the last one acknowledged. */
    long lastEvent;

    long acknowledgedEvent;
    /** Counters of the last Resumed and of the one before. */
    long base;

    long previousBase;
    long lagSinceMs;
    int lagBackoff;

    /** Not emitted yet in this step; emitted; waiting to be emitted again. */
    final OutgoingList pending = new OutgoingList();

    final OutgoingList open = new OutgoingList();
    final OutgoingList stale = new OutgoingList();

    /** What the last heartbeat told. */
    long progress;

    long errors;
    long dropped;
    long freeBytes = -1;

    int pools;
    int tasks;

    /** Node: its place among those between which ways are kept; null for anybody else, and for one too many. */
    NodePlace nodePlace;

    /** Not state: the session its last command came over, and the lists of parties that this step has something for. */
    long session = Long.MIN_VALUE;

    boolean isTouched;
    Party nextTouched;
    boolean isOwing;
    Party nextOwing;

    // Worker.
    int window;
    boolean suspect;

    /** {@link Fitness}. */
    boolean drained;

    boolean probing;
    int probeBackoff;
    int failuresInARow;
    int successesInARow;
    long drainedMs;

    /** {@link Devices}; null as long as it has told nothing. */
    DeviceTold told;

    long probeMs;

    /** {@link Hung}: since when, and when its node was last asked to end it. */
    long hungMs = NEVER;

    long killAskedMs = NEVER;
    final TaskList assigned = new TaskList();

    /** Of the assigned, those of this priority or higher. */
    final int[] assignedAtLeast = new int[TaskType.PRIORITIES];

    /** Up time of its last failure; -1 while there was none. */
    long erredMs = -1;

    final ArrayList<WorkerType> types = new ArrayList<>();
    final Execution execution = new Execution();
    long completed;
    long failed;

    // Client: its submitted tasks, those made by its jobs, and its ready ones.
    final Task[] firstTask = new Task[2];
    final Task[] lastTask = new Task[2];
    int openTasks;
    int jobs;
    long jobTasks;

    /** Not state: tasks that steps begun of its jobs are still going to make. */
    int reserved;

    final long[] served = new long[TaskType.PRIORITIES];
    final ClientQueue[] active = new ClientQueue[TaskType.PRIORITIES];
    private ClientQueue[] queues = new ClientQueue[0];

    // Camera.
    Job job;
    JobCamera jobCamera;
    int allocatedNodeId;

    /** {@link Allocation}: the first camera of its pair, or itself; 0 when nobody asked for it. */
    int pairedWith;

    long framesAccepted;
    long framesRefused;
    long lastStep = -1;
    int lastWorkerId;

    Party(final int id, final int kind, final String name) {
        this.id = id;
        this.kind = kind;
        this.name = name;
    }

    /** A worker whose device must not be used. */
    boolean isUnfit() {
        return told != null && told.state == DeviceTold.FAILED;
    }

    /** A worker that counts for its types. */
    boolean isUsable() {
        return !suspect && !drained && !isUnfit();
    }

    ClientQueue queue(final TaskType type, final int priority) {
        final int index = type.id * TaskType.PRIORITIES + priority;
        if (index >= queues.length) {
            queues = Arrays.copyOf(queues, (type.id + 4) * TaskType.PRIORITIES);
        }
        ClientQueue queue = queues[index];
        if (queue == null) {
            queue = new ClientQueue(type, this, priority);
            queues[index] = queue;
        }
        return queue;
    }

    void assign(final Task task) {
        assigned.add(task);
        for (int i = 0; i <= task.priority; i++) {
            assignedAtLeast[i]++;
        }
    }

    void unassign(final Task task) {
        assigned.remove(task);
        for (int i = 0; i <= task.priority; i++) {
            assignedAtLeast[i]--;
        }
    }

    WorkerType workerType(final TaskType type) {
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).type == type) {
                return types.get(i);
            }
        }
        return null;
    }
}
