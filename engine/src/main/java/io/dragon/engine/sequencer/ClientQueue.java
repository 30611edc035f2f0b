package io.dragon.engine.sequencer;

/** The ready tasks of one client, type and priority: deadline first, then age. */
final class ClientQueue {
    final TaskType type;
    final Party client;
    final int priority;
    ClientQueue previous;
    ClientQueue next;
    ClientQueue previousOfClient;
    ClientQueue nextOfClient;
    boolean isLinked;

    /**
     * Tasks without a deadline that came in their order; the rest is in the heap. Both are in the one order of tasks, so that
     * it does not matter in which a task is: that is not part of the state, and a snapshot loaded puts them otherwise.
     */
    private final TaskList fifo = new TaskList();

    private final TaskHeap heap = new TaskHeap(false);

    ClientQueue(final TaskType type, final Party client, final int priority) {
        this.type = type;
        this.client = client;
        this.priority = priority;
    }

    Task first() {
        final Task top = heap.first();
        final Task head = fifo.first;
        if (top == null) {
            return head;
        }
        return head == null || top.isBefore(head) ? top : head;
    }

    void add(final Task task) {
        task.queue = this;
        if (task.deadlineMs == Task.NO_DEADLINE && (fifo.last == null || fifo.last.isBefore(task))) {
            fifo.add(task);
        } else {
            heap.add(task);
        }
    }

    void remove(final Task task) {
        task.queue = null;
        if (task.heapIndex < 0) {
            fifo.remove(task);
        } else {
            heap.remove(task);
        }
    }
}
