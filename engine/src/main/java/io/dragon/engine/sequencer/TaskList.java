package io.dragon.engine.sequencer;

/** An intrusive list of tasks; a task is in at most one at a time. */
final class TaskList {
    Task first;
    Task last;
    int size;

    void add(final Task task) {
        task.previous = last;
        task.next = null;
        if (last == null) {
            first = task;
        } else {
            last.next = task;
        }
        last = task;
        size++;
    }

    void remove(final Task task) {
        if (task.previous == null) {
            first = task.next;
        } else {
            task.previous.next = task.next;
        }
        if (task.next == null) {
            last = task.previous;
        } else {
            task.next.previous = task.previous;
        }
        task.previous = null;
        task.next = null;
        size--;
    }
}
