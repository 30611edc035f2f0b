package io.dragon.engine.sequencer;

import java.util.Arrays;

/** A binary heap of tasks by deadline, then age; each task knows its index, so that any can be taken out. */
final class TaskHeap {
    private final boolean ofDeadlines;
    private Task[] tasks = new Task[16];
    private int size;

    /** Uses {@link Task#deadlineIndex} when true, {@link Task#heapIndex} otherwise. */
    TaskHeap(final boolean ofDeadlines) {
        this.ofDeadlines = ofDeadlines;
    }

    Task first() {
        return size == 0 ? null : tasks[0];
    }

    void add(final Task task) {
        if (size == tasks.length) {
            tasks = Arrays.copyOf(tasks, 2 * size);
        }
        rise(task, size++);
    }

    void remove(final Task task) {
        final int index = ofDeadlines ? task.deadlineIndex : task.heapIndex;
        final Task moved = tasks[--size];
        tasks[size] = null;
        if (moved != task) {
            if (index > 0 && moved.isBefore(tasks[(index - 1) >>> 1])) {
                rise(moved, index);
            } else {
                sink(moved, index);
            }
        }
        if (ofDeadlines) {
            task.deadlineIndex = -1;
        } else {
            task.heapIndex = -1;
        }
    }

    private void rise(final Task task, final int from) {
        int index = from;
        while (index > 0) {
            final int parent = (index - 1) >>> 1;
            if (!task.isBefore(tasks[parent])) {
                break;
            }
            put(tasks[parent], index);
            index = parent;
        }
        put(task, index);
    }

    private void sink(final Task task, final int from) {
        int index = from;
        while (true) {
            int child = 2 * index + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && tasks[child + 1].isBefore(tasks[child])) {
                child++;
            }
            if (!tasks[child].isBefore(task)) {
                break;
            }
            put(tasks[child], index);
            index = child;
        }
        put(task, index);
    }

    private void put(final Task task, final int index) {
        tasks[index] = task;
        if (ofDeadlines) {
            task.deadlineIndex = index;
        } else {
            task.heapIndex = index;
        }
    }
}
