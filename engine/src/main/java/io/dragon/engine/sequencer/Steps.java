package io.dragon.engine.sequencer;

/**
 * The step assembler. A step collects frames until all are there or its deadline passes; then it waits for the per-frame
 * tasks of the cameras that take part, and makes its per-step tasks.
 *
 * <pre>
 *   collecting --(complete, deadline, job closed)--> sealed --(masks terminal)--> ran --(slabs terminal)--> gone
 * </pre>
 */
final class Steps {
    private final Core core;
    private final Jobs jobs;
    private Step free;

    /** Not state: tasks that steps begun are still going to make. */
    int reserved;

    Steps(final Core core, final Jobs jobs) {
        this.core = core;
        this.jobs = jobs;
    }

    Step blank() {
        final Step step = free == null ? new Step() : free;
        free = step.next;
        step.next = null;
        return step;
    }

    /** Puts a step into its job; behind the others while it collects. */
    void enter(final Job job, final Step step) {
        step.job = job;
        job.open.put(step.number, step);
        reserve(job, toCome(step));
        if (!step.isSealed) {
            step.previous = job.collectingLast;
            if (job.collectingLast == null) {
                job.collectingFirst = step;
            } else {
                job.collectingLast.next = step;
            }
            job.collectingLast = step;
            job.collecting++;
        }
    }

    private void reserve(final Job job, final int tasks) {
        job.client.reserved += tasks;
        reserved += tasks;
    }

    /** Tasks that a step is still going to make. */
    static int toCome(final Step step) {
        if (step.ran) {
            return 0;
        }
        final int missing = step.isSealed ? 0 : step.job.cameras.length - Integer.bitCount(step.arrivedBits);
        return missing + slabs(step.job);
    }

    private static int slabs(final Job job) {
        return job.stepType == null ? 0 : job.slabs;
    }

    /** Every task that a step of the job makes. */
    static int cost(final Job job) {
        return job.cameras.length + slabs(job);
    }

    /**
     * Whether another step may begin: a client's jobs together have the same share of the table as its submits, and the table is
     * never filled by steps begun. One step at a time may run whatever it costs, so that no job stands still.
     */
    boolean hasRoom(final Job job) {
        final int open = job.client.tasks - job.client.openTasks + job.client.reserved;
        return (open == 0 || open + cost(job) <= core.tasks.maxOpenTasks()) && !isTableFull(job);
    }

    /** Whether the table of tasks has no room for another step of the job. */
    boolean isTableFull(final Job job) {
        final int taken = core.tasks.taken();
        return taken > 0 && taken + cost(job) > core.config.taskCapacity;
    }

    void arrived(final Job job, final Task task, final long number, final int camera, final long captureEpochNs) {
        Step step = job.open.get(number);
        if (step == null) {
            step = blank();
            step.number = number;
            step.firstMs = core.upMs();
            enter(job, step);
            if (job.collecting > core.config.get(Setting.MAX_OPEN_STEPS)) {
                seal(job.collectingFirst);
            }
        }
        step.arrivedBits |= 1 << camera;
        reserve(job, -1);
        step.captureEpochNs[camera] = captureEpochNs;
        step.masks[camera] = task;
        task.step = step;
        task.pinned = true;
    }

    void sealIfComplete(final Job job, final long number) {
        final Step step = job.open.get(number);
        if (step != null && !step.isSealed && step.arrivedBits == job.allBits()) {
            seal(step);
        }
    }

    void sealAll(final Job job) {
        while (job.collectingFirst != null) {
            seal(job.collectingFirst);
        }
    }

    void checkDeadlines() {
        for (int i = 0; i < jobs.all.size(); i++) {
            final Job job = jobs.all.get(i);
            while (job.stepDeadlineMs > 0
                    && job.collectingFirst != null
                    && core.upMs() - job.collectingFirst.firstMs >= job.stepDeadlineMs) {
                seal(job.collectingFirst);
            }
        }
    }

    private void seal(final Step step) {
        final Job job = step.job;
        if (step.previous == null) {
            job.collectingFirst = step.next;
        } else {
            step.previous.next = step.next;
        }
        if (step.next == null) {
            job.collectingLast = step.previous;
        } else {
            step.next.previous = step.previous;
        }
        step.previous = null;
        step.next = null;
        job.collecting--;
        reserve(job, Integer.bitCount(step.arrivedBits) - job.cameras.length);
        step.isSealed = true;
        step.includedBits = step.arrivedBits & ~skewedBits(step);
        if (Jobs.isNear(step.number, job.newestStep)) {
            job.highestClosedStep = Math.max(job.highestClosedStep, step.number);
        }
        job.steps++;
        if (step.includedBits != job.allBits()) {
            job.stepsIncomplete++;
        }
        runIfReady(step);
    }

    /** Cameras of pairs whose frames were not captured at the same time: such a pair takes no part. */
    private int skewedBits(final Step step) {
        final Job job = step.job;
        int skewed = 0;
        if (job.pairSkewNs == 0) {
            return 0;
        }
        for (int a = 0; a < job.cameras.length; a++) {
            for (int b = a + 1; b < job.cameras.length; b++) {
                final int both = 1 << a | 1 << b;
                if (job.cameras[a].pair == job.cameras[b].pair
                        && job.cameras[a].pair != Job.NO_PAIR
                        && (step.arrivedBits & both) == both
                        && isSkewed(step.captureEpochNs[a], step.captureEpochNs[b], job.pairSkewNs)) {
                    skewed |= both;
                    core.increment(Counters.PAIRS_SKEWED);
                }
            }
        }
        return skewed;
    }

    private static boolean isSkewed(final long a, final long b, final long allowed) {
        final long difference = Math.max(a, b) - Math.min(a, b);
        return difference < 0 || difference > allowed;
    }

    private void runIfReady(final Step step) {
        final Job job = step.job;
        for (int i = 0; i < job.cameras.length; i++) {
            if ((step.includedBits >>> i & 1) != 0 && !step.masks[i].isTerminal()) {
                return;
            }
        }
        reserve(job, -slabs(job));
        step.ran = true;
        if (job.stepType == null || !job.client.isAlive) {
            finishIfDone(step);
            return;
        }
        step.openParts = job.slabs;
        for (int part = 0; part < job.slabs; part++) {
            final Task task = jobs.make(job, job.stepType, Task.PER_STEP);
            task.step = step;
            task.stepNumber = step.number;
            task.part = part;
            task.parts = job.slabs;
            stamp(task, step);
            core.tasks.start(task);
        }
    }

    /** A slab bears the stamps of the step's first camera, so that its latency can be told from capture on. */
    private static void stamp(final Task task, final Step step) {
        if (step.includedBits != 0) {
            final Task mask = step.masks[Integer.numberOfTrailingZeros(step.includedBits)];
            task.capturedNs = mask.capturedNs;
            task.publishedNs = mask.publishedNs;
        }
    }

    void onTaskEnded(final Task task) {
        final Step step = task.step;
        if (step == null) {
            return;
        }
        if (task.kind == Task.PER_STEP) {
            task.step = null;
            step.openParts--;
            finishIfDone(step);
        } else if (step.ran) {
            finishIfDone(step);
        } else if (step.isSealed) {
            runIfReady(step);
        }
    }

    /** A camera left out for its skew has a mask too, which nobody waited for until now. */
    private void finishIfDone(final Step step) {
        final Job job = step.job;
        if (step.openParts > 0) {
            return;
        }
        for (int i = 0; i < job.cameras.length; i++) {
            if (step.masks[i] != null && !step.masks[i].isTerminal()) {
                return;
            }
        }
        for (int i = 0; i < job.cameras.length; i++) {
            final Task mask = step.masks[i];
            step.masks[i] = null;
            if (mask != null) {
                mask.step = null;
                mask.pinned = false;
                core.tasks.forgetIfDone(mask);
            }
        }
        job.open.remove(step.number);
        step.job = null;
        step.arrivedBits = 0;
        step.includedBits = 0;
        step.isSealed = false;
        step.ran = false;
        step.openParts = 0;
        step.previous = null;
        step.next = free;
        free = step;
        jobs.endIfDone(job);
    }
}
