package io.dragon.engine.client;

/**
 * When a task passed each stage of its life: {@link System#nanoTime} of the host that stamped it, 0 where a stage is not known (a task
 * without a frame was never captured). Stamps of two hosts must not be subtracted; on one host every process shares the clock.
 *
 * @param capturedNs  the camera had the picture.
 * @param publishedNs the frame was readable in its pool.
 * @param submittedNs the client or the publisher named it to the sequencer.
 * @param sequencedNs the sequencer took it.
 * @param assignedNs  the sequencer gave it to a worker.
 * @param receivedNs  the worker had the assignment.
 * @param transferredNs the last of the inputs that lay on other hosts was on the worker's; 0 also when none lay elsewhere.
 * @param startedNs   the worker had its inputs, the handler began.
 * @param finishedNs  the handler was done and the outputs were published.
 * @param deliveredNs the client had the result and its leases.
 */
public record Passport(
        long capturedNs,
        long publishedNs,
        long submittedNs,
        long sequencedNs,
        long assignedNs,
        long receivedNs,
        long transferredNs,
        long startedNs,
        long finishedNs,
        long deliveredNs) {

    /** A stage of a task's life: what happened between two stamps that follow each other. */
    public enum Stage {
        /** From the picture to a readable slot: filling in place. */
        PUBLISH,
        /** From the slot to its naming. */
        SUBMIT,
        /** From its naming (a frame is named as it is published) to its place in the log. */
        SEQUENCE,
        /** Waiting for dependencies, for other cameras and for a worker. */
        ASSIGN,
        /** From the sequencer to the worker. */
        DISPATCH,
        /** Bringing the inputs that lie on other hosts; unknown where all are on the worker's. */
        TRANSFER,
        /** Waiting for the task before it, and leasing the inputs. */
        START,
        /** The handler itself, and publishing its outputs. */
        EXECUTE,
        /** From the worker through the sequencer to the client. */
        DELIVER
    }

    /**
     * Duration of a stage.
     *
     * @param stage which.
     * @return nanoseconds; -1 when one of its two stamps is not known.
     */
    public long durationNs(final Stage stage) {
        return switch (stage) {
            case PUBLISH -> between(capturedNs, publishedNs);
            case SUBMIT -> between(publishedNs, submittedNs);
            case SEQUENCE -> between(submittedNs != 0 ? submittedNs : publishedNs, sequencedNs);
            case ASSIGN -> between(sequencedNs, assignedNs);
            case DISPATCH -> between(assignedNs, receivedNs);
            case TRANSFER -> between(receivedNs, transferredNs);
            case START -> between(transferredNs != 0 ? transferredNs : receivedNs, startedNs);
            case EXECUTE -> between(startedNs, finishedNs);
            case DELIVER -> between(finishedNs, deliveredNs);
        };
    }

    /**
     * From the first stamp that is known to the delivery of the result.
     *
     * @return nanoseconds; -1 when nothing is known.
     */
    public long totalNs() {
        final long first = capturedNs != 0
                ? capturedNs
                : publishedNs != 0 ? publishedNs : submittedNs != 0 ? submittedNs : sequencedNs;
        return between(first, deliveredNs);
    }

    /**
     * Whether every stamp that is known is at or after the ones before it.
     *
     * @return false when a clock ran backwards, or stamps of two hosts are mixed.
     */
    public boolean isMonotone() {
        final long[] stamps = {
            capturedNs,
            publishedNs,
            submittedNs,
            sequencedNs,
            assignedNs,
            receivedNs,
            transferredNs,
            startedNs,
            finishedNs,
            deliveredNs
        };
        long last = Long.MIN_VALUE;
        for (final long stamp : stamps) {
            if (stamp != 0) {
                if (last != Long.MIN_VALUE && stamp - last < 0) {
                    return false;
                }
                last = stamp;
            }
        }
        return true;
    }

    private static long between(final long from, final long to) {
        return from == 0 || to == 0 ? -1 : to - from;
    }
}
