package io.dragon.engine.sequencer;

import java.util.ArrayList;
import java.util.List;

/**
 * Bounded waiting: while a client has a task of a type and priority that is ready, each other client is given at most
 * {@value #BOUND} task of that type and priority before it is given one of that priority. One that has nothing ready for a moment,
 * because its only task was cancelled and only then its next became ready, begins to wait anew: its turn shows it.
 */
final class Fairness {
    static final int BOUND = 1;

    private static final class Waiting {
        final Party client;
        final TaskType type;
        final int priority;
        final long turn;
        final int[] overtakenBy = new int[64];
        boolean isThere = true;

        Waiting(final ClientQueue queue) {
            client = queue.client;
            type = queue.type;
            priority = queue.priority;
            turn = queue.client.served[priority];
        }
    }

    private final List<Waiting> waiting = new ArrayList<>();
    private Core core;

    /** After a step; what was given away in it has a place behind the one before it. */
    void after(final Core now, final long placeBefore) {
        if (now != core) {
            core = now; // Another member is ahead now: its parties are other objects.
            waiting.clear();
        } else if (now.counters[Counters.PLACE] > placeBefore) {
            for (final Party worker : now.parties.alive) {
                for (Task task = worker.assigned.first; task != null; task = task.next) {
                    if (task.place > placeBefore) {
                        given(task);
                    }
                }
            }
        }
        refresh();
    }

    private void given(final Task task) {
        for (final Waiting each : waiting) {
            if (each.priority == task.priority) {
                if (each.client == task.client) {
                    each.isThere = false;
                } else if (each.type == task.type) {
                    each.overtakenBy[task.client.id % 64]++;
                }
            }
        }
    }

    private void refresh() {
        waiting.removeIf(each -> !each.isThere);
        waiting.forEach(each -> each.isThere = false);
        for (final TaskType type : core.types.all) {
            for (int bits = type.readyPriorities; bits != 0; bits &= bits - 1) {
                final int priority = Integer.numberOfTrailingZeros(bits);
                for (ClientQueue queue = type.first[priority]; queue != null; queue = queue.next) {
                    enter(queue);
                }
            }
        }
        for (final Waiting each : waiting) {
            for (final int times : each.overtakenBy) {
                if (!(!each.isThere || times <= BOUND)) {
                    throw Invariants.broken("fairness between clients: " + each.client.name + " waits with "
                            + each.type.name + " while another is given " + times);
                }
            }
        }
        waiting.removeIf(each -> !each.isThere);
    }

    private void enter(final ClientQueue queue) {
        for (final Waiting each : waiting) {
            if (each.client == queue.client
                    && each.type == queue.type
                    && each.priority == queue.priority
                    && each.turn == queue.client.served[queue.priority]) {
                each.isThere = true;
                return;
            }
        }
        waiting.add(new Waiting(queue));
    }
}
