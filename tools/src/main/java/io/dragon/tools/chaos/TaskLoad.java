package io.dragon.tools.chaos;

import io.dragon.engine.client.DragonClient;
import io.dragon.engine.client.TaskOutcome;
import io.dragon.engine.client.TaskRequest;
import io.dragon.engine.config.DragonException;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Submits tasks at a steady rate on a thread of its own, and books what comes back on the caller's: every task ends once, with the checksum
 * of the block it was given.
 */
final class TaskLoad implements AutoCloseable {
    private static final int BLOCKS = 64;
    private static final int BLOCK_LENGTH = 4_096;
    private static final int OUTPUT_LENGTH = 16_384;
    private static final int EACH_WITH_OUTPUT = 8;
    private static final int EACH_DEPENDENT = 10;
    private static final long PAUSED_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long MOST_BEHIND_NS = TimeUnit.SECONDS.toNanos(1);

    private final DragonClient client;
    private final long periodNs;
    private final byte[] plain;
    private final byte[] withOutput;
    private final byte[][] blocks = new byte[BLOCKS][];
    private final int[] checksums = new int[BLOCKS];
    private final ConcurrentLinkedQueue<Result> results = new ConcurrentLinkedQueue<>();
    private final Consumer<Ended> listener;
    private final Map<String, Long> failures;
    private final Thread thread;
    private volatile boolean running;
    private volatile boolean idle = true;
    private volatile boolean closed;
    private volatile long accepted;
    private volatile String broken;

    // booked
    private final BitSet ended = new BitSet();
    private long completed;
    private long failed;
    private long duplicated;

    /**
     * @param client   who submits.
     * @param rate     tasks a second.
     * @param holdNs   how long each holds its worker.
     * @param listener told of every task that ended.
     * @param failures counts of what went wrong, by words.
     */
    TaskLoad(
            final DragonClient client,
            final double rate,
            final long holdNs,
            final Consumer<Ended> listener,
            final Map<String, Long> failures) {
        this.client = client;
        this.periodNs = Math.round(1e9 / rate);
        this.listener = listener;
        this.failures = failures;
        plain = ProbeHandler.parameters(holdNs, 0);
        withOutput = ProbeHandler.parameters(holdNs, OUTPUT_LENGTH);
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = Content.of(i, BLOCK_LENGTH);
            checksums[i] = Content.checksum(blocks[i], BLOCK_LENGTH);
        }
        thread = new Thread(this::submitAll, "chaos-load");
        thread.setDaemon(true);
        thread.start();
    }

    /** Goes on submitting. */
    void resume() {
        idle = false;
        running = true;
    }

    /** Submits no more; returns once nothing is on its way to the client. */
    void pause() {
        running = false;
        while (!idle && thread.isAlive()) {
            LockSupport.parkNanos(PAUSED_NS);
        }
    }

    /** Tasks that the client has taken. */
    long accepted() {
        return accepted;
    }

    /** Books what has come. */
    void drain() {
        if (broken != null) {
            throw new DragonException(broken);
        }
        for (Result next = results.poll(); next != null; next = results.poll()) {
            try (TaskOutcome outcome = next.outcome()) {
                book(next.number(), outcome);
            }
        }
    }

    /** Since the run began; nothing counts as lost here. */
    Counts counts() {
        return new Counts(accepted, completed, failed, 0, duplicated);
    }

    /** Whether the first so many tasks have all ended. */
    boolean hasEnded(final long tasks) {
        return ended.nextClearBit(0) >= tasks;
    }

    /** Tasks taken of which nothing was heard. */
    long open() {
        return accepted - completed - failed;
    }

    @Override
    public void close() {
        closed = true;
        running = false;
        LockSupport.unpark(thread);
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
        for (Result next = results.poll(); next != null; next = results.poll()) {
            next.outcome().close();
        }
    }

    private void submitAll() {
        long dueNs = System.nanoTime();
        long before = 0;
        while (!closed) {
            final long nowNs = System.nanoTime();
            if (!running) {
                idle = true;
                dueNs = nowNs;
                LockSupport.parkNanos(PAUSED_NS);
            } else if (nowNs - dueNs < 0) {
                LockSupport.parkNanos(dueNs - nowNs);
            } else {
                final long task = submit(before);
                if (task == DragonClient.CLOSED) {
                    broken = "The client of the chaos run was closed under it.";
                    return;
                }
                if (task < 0) { // no room in its window: what is too late is not made up for
                    dueNs = Math.max(dueNs, nowNs - MOST_BEHIND_NS);
                    LockSupport.parkNanos(PAUSED_NS);
                } else {
                    before = task;
                    dueNs += periodNs;
                }
            }
        }
        idle = true;
    }

    private long submit(final long before) {
        final long number = accepted;
        final TaskRequest request = TaskRequest.of(ProbeHandler.TYPE)
                .parameters(hasOutput(number) ? withOutput : plain)
                .input(blocks[(int) (number % BLOCKS)])
                .onDone(outcome -> results.add(new Result(number, outcome)));
        if (before != 0 && number % EACH_DEPENDENT == 0 && !hasOutput(number - 1)) {
            request.dependsOn(before);
        }
        final long task = client.trySubmit(request);
        if (task >= 0) {
            accepted = number + 1;
        }
        return task;
    }

    private static boolean hasOutput(final long number) {
        return number % EACH_WITH_OUTPUT == 0;
    }

    private void book(final long number, final TaskOutcome outcome) {
        final int index = Math.toIntExact(number);
        if (ended.get(index)) {
            duplicated++;
            return;
        }
        ended.set(index);
        final String wrong = wrong(number, outcome);
        if (wrong == null) {
            completed++;
        } else {
            failed++;
            failures.merge(wrong, 1L, Long::sum);
        }
        listener.accept(Ended.of(Ended.Kind.TASK, number, outcome));
    }

    private String wrong(final long number, final TaskOutcome outcome) {
        if (!outcome.isCompleted()) {
            return outcome.state() + " " + outcome.reason()
                    + (outcome.errorText().isEmpty() ? "" : ": " + outcome.errorText());
        }
        final int expected = checksums[(int) (number % BLOCKS)];
        if (!Result.holds(outcome.inlineResult(), expected)) {
            return "a task with a wrong checksum";
        }
        if (hasOutput(number)
                && (outcome.outputs().size() != 1 || !Result.isOutput(outcome, expected, OUTPUT_LENGTH))) {
            return "a task with a wrong output frame";
        }
        return null;
    }

    /**
     * What came back for a task.
     *
     * @param number  its number among those submitted.
     * @param outcome to be closed.
     */
    private record Result(long number, TaskOutcome outcome) {
        static boolean holds(final byte[] inline, final int checksum) {
            return inline.length == ProbeHandler.ENTRY_LENGTH
                    && new org.agrona.concurrent.UnsafeBuffer(inline).getInt(Integer.BYTES) == checksum;
        }

        static boolean isOutput(final TaskOutcome outcome, final int seed, final int length) {
            final byte[] bytes = new byte[length];
            final io.dragon.engine.frame.FrameLease frame = outcome.outputs().get(0);
            if (frame.ref().length() != length) {
                return false;
            }
            frame.buffer().getBytes(0, bytes);
            return java.util.Arrays.equals(bytes, Content.of(seed, length));
        }
    }
}
