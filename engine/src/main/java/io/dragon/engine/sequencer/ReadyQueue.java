package io.dragon.engine.sequencer;

import java.util.Arrays;

/**
 * Tasks that wait for a worker. Most urgent priority first, within it the client served longest ago, within the client
 * the earliest deadline, then the oldest. Nothing here looks at more than the types that could be assigned right now.
 *
 * <pre>
 *   type --- priority 7 --- client queue (served 12) --- client queue (served 15) ...
 *        \-- priority 0 --- client queue (served  9)
 * </pre>
 */
final class ReadyQueue {
    private final Core core;

    /** Bit (id - 1) is set for a type that has both a ready task and a worker with a free place. */
    private long[] schedulable = new long[1];

    ReadyQueue(final Core core) {
        this.core = core;
    }

    void add(final Task task) {
        final Party client = task.client;
        final ClientQueue queue = client.queue(task.type, task.priority);
        queue.add(task);
        task.type.queued++;
        if (!queue.isLinked) {
            if (client.active[task.priority] == null) {
                client.served[task.priority] = core.increment(Counters.TURN);
            }
            link(queue);
        }
        refresh(task.type);
    }

    /** Enters tasks of a snapshot: turns stay as they were. */
    void restore(final Task task) {
        final ClientQueue queue = task.client.queue(task.type, task.priority);
        queue.add(task);
        task.type.queued++;
        if (!queue.isLinked) {
            link(queue);
        }
        refresh(task.type);
    }

    void remove(final Task task) {
        final ClientQueue queue = task.queue;
        queue.remove(task);
        queue.type.queued--;
        if (queue.first() == null) {
            unlinkFromType(queue);
            unlinkFromClient(queue);
            refresh(queue.type);
        }
    }

    /** Takes a task out because it is assigned: its client goes behind the others. */
    void take(final Task task) {
        final Party client = task.client;
        final int priority = task.priority;
        remove(task);
        client.served[priority] = core.increment(Counters.TURN);
        for (ClientQueue queue = client.active[priority]; queue != null; queue = queue.nextOfClient) {
            unlinkFromType(queue);
            linkToType(queue);
        }
    }

    /** The task to be assigned next, or null when no ready task has a worker with a free place. */
    Task first() {
        Task best = null;
        for (int word = 0; word < schedulable.length; word++) {
            for (long bits = schedulable[word]; bits != 0; bits &= bits - 1) {
                final TaskType type = core.types.get(word * 64 + Long.numberOfTrailingZeros(bits) + 1);
                final int priority = 31 - Integer.numberOfLeadingZeros(type.readyPriorities);
                if (best == null || priority >= best.priority) {
                    final Task task = type.first[priority].first();
                    if (best == null || priority > best.priority || isBefore(task, best)) {
                        best = task;
                    }
                }
            }
        }
        return best;
    }

    private static boolean isBefore(final Task task, final Task other) {
        final long turn = task.client.served[task.priority];
        final long otherTurn = other.client.served[other.priority];
        return turn < otherTurn || (turn == otherTurn && task.isBefore(other));
    }

    /** To be called when the ready tasks or the free workers of a type have changed. */
    void refresh(final TaskType type) {
        final int index = type.id - 1;
        if (index >> 6 >= schedulable.length) {
            schedulable = Arrays.copyOf(schedulable, (index >> 6) + 1);
        }
        if (type.readyPriorities != 0 && !type.strategy.isEmpty()) {
            schedulable[index >> 6] |= 1L << index;
        } else {
            schedulable[index >> 6] &= ~(1L << index);
        }
    }

    private static void link(final ClientQueue queue) {
        final ClientQueue head = queue.client.active[queue.priority];
        queue.previousOfClient = null;
        queue.nextOfClient = head;
        if (head != null) {
            head.previousOfClient = queue;
        }
        queue.client.active[queue.priority] = queue;
        queue.isLinked = true;
        linkToType(queue);
    }

    private static void unlinkFromClient(final ClientQueue queue) {
        if (queue.previousOfClient == null) {
            queue.client.active[queue.priority] = queue.nextOfClient;
        } else {
            queue.previousOfClient.nextOfClient = queue.nextOfClient;
        }
        if (queue.nextOfClient != null) {
            queue.nextOfClient.previousOfClient = queue.previousOfClient;
        }
        queue.previousOfClient = null;
        queue.nextOfClient = null;
        queue.isLinked = false;
    }

    private static void linkToType(final ClientQueue queue) {
        final TaskType type = queue.type;
        final int priority = queue.priority;
        final long turn = queue.client.served[priority];
        ClientQueue after = type.last[priority];
        while (after != null && after.client.served[priority] > turn) {
            after = after.previous;
        }
        queue.previous = after;
        queue.next = after == null ? type.first[priority] : after.next;
        if (queue.next == null) {
            type.last[priority] = queue;
        } else {
            queue.next.previous = queue;
        }
        if (after == null) {
            type.first[priority] = queue;
        } else {
            after.next = queue;
        }
        type.readyPriorities |= 1 << priority;
    }

    private static void unlinkFromType(final ClientQueue queue) {
        final TaskType type = queue.type;
        final int priority = queue.priority;
        if (queue.previous == null) {
            type.first[priority] = queue.next;
        } else {
            queue.previous.next = queue.next;
        }
        if (queue.next == null) {
            type.last[priority] = queue.previous;
        } else {
            queue.next.previous = queue.previous;
        }
        queue.previous = null;
        queue.next = null;
        if (type.first[priority] == null) {
            type.readyPriorities &= ~(1 << priority);
        }
    }
}
