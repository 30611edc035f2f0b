package io.dragon.engine.client;

import io.dragon.codecs.control.Reason;
import java.util.Map;

/**
 * Totals of a cluster since it began, and means.
 *
 * @param tasksSubmitted     tasks taken, those made by jobs included.
 * @param tasksCompleted     of these, done with success.
 * @param tasksFailed        ended without success.
 * @param tasksCancelled     cancelled.
 * @param tasksExpired       past their deadline.
 * @param tasksRetried       attempts after a failed one.
 * @param tasksReassigned    moved because their worker was lost.
 * @param tasksAbandoned     whose client was gone.
 * @param completionsIgnored late or repeated completions.
 * @param tasksWaiting       waiting for dependencies now.
 * @param tasksReady         waiting for a worker now.
 * @param tasksAssigned      with a worker now.
 * @param workersAlive       workers that answer.
 * @param busyWorkers        workers with at least one task.
 * @param totalWorkers       workers that are expected: those alive, and those that died within the hour and have not come back;
 *                           one that was stopped in order is not.
 * @param avgExecutionTimeMillis mean time in handlers.
 * @param avgLatencyMillis   mean time from submit to result of this client's own tasks; 0 before its first.
 * @param errors             tasks that failed or expired, and commands refused.
 * @param framesAccepted     frames taken by jobs.
 * @param framesRefused      frames not taken.
 * @param bytesAccepted      bytes of the frames taken.
 * @param commands           commands sequenced.
 * @param refusals           commands refused for flow control.
 * @param pipeline           the path of the frames.
 * @param tasksSplit         attempts made in smaller pieces, for want of device memory.
 * @param workersDrained     workers alive that get nothing but a probe, because they failed too often.
 * @param incidents          records of faults ever written.
 * @param ends               tasks that ended other than completed, by reason.
 * @param unserved           ready tasks by the name of their type, of types that no live worker runs; the first 8 types.
 * @param recentCompleted    tasks completed within the last ten minutes of the cluster's time, the present one included.
 * @param recentFailed       tasks that failed or expired within the same.
 */
public record Statistics(
        long tasksSubmitted,
        long tasksCompleted,
        long tasksFailed,
        long tasksCancelled,
        long tasksExpired,
        long tasksRetried,
        long tasksReassigned,
        long tasksAbandoned,
        long completionsIgnored,
        long tasksWaiting,
        long tasksReady,
        long tasksAssigned,
        int workersAlive,
        int busyWorkers,
        int totalWorkers,
        double avgExecutionTimeMillis,
        double avgLatencyMillis,
        long errors,
        long framesAccepted,
        long framesRefused,
        long bytesAccepted,
        long commands,
        long refusals,
        Pipeline pipeline,
        long tasksSplit,
        int workersDrained,
        long incidents,
        Map<Reason, Long> ends,
        Map<String, Long> unserved,
        long recentCompleted,
        long recentFailed) {

    /**
     * The path of the frames.
     *
     * @param framesProcessed       frames taken by jobs.
     * @param bytesTransferred      bytes handed over.
     * @param zeroCopyRatio         share of those bytes that no host had to bring from another: 1 while every frame is worked on
     *                              where it lies, 0 when all are worked on elsewhere. Results that travel count, too.
     * @param avgTransferTimeMillis mean time of bringing a frame from another host; 0 while none was brought.
     * @param framesFetched         frames brought from other hosts by the node agents that run now.
     * @param bytesFetched          bytes of these.
     * @param framesServed          frames sent to other hosts.
     * @param framesRelayed         of those sent: frames of third hosts, because the direct way was down or slower.
     */
    public record Pipeline(
            long framesProcessed,
            long bytesTransferred,
            double zeroCopyRatio,
            double avgTransferTimeMillis,
            long framesFetched,
            long bytesFetched,
            long framesServed,
            long framesRelayed) {}

    /**
     * Share of the tasks that ended within the last ten minutes that completed; cancelled ones do not count.
     *
     * @return 0 to 1; 1 when none has ended.
     */
    public double successRate() {
        final long ended = recentCompleted + recentFailed;
        return ended == 0 ? 1 : (double) recentCompleted / ended;
    }

    /**
     * Tasks not yet with a worker.
     *
     * @return waiting and ready ones.
     */
    public long queueDepth() {
        return tasksWaiting + tasksReady;
    }
}
