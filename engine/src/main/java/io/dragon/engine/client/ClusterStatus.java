package io.dragon.engine.client;

import io.dragon.codecs.control.DeviceState;
import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.SupervisedState;
import io.dragon.codecs.control.WorkerState;
import java.util.List;
import java.util.Locale;

/**
 * Everything there is to see of a cluster at one moment.
 *
 * @param health     its state.
 * @param statistics its totals.
 * @param leadership its leader.
 * @param masters    its masters by party id.
 * @param workers    its workers by party id.
 * @param nodes      its nodes by party id.
 * @param cameras    its cameras by party id.
 * @param supervised worker processes that the agents of its nodes supervise, in the order in which they were first reported.
 * @param links      the ways between its nodes, by party ids: every ordered pair of which something is known.
 */
public record ClusterStatus(
        Health health,
        Statistics statistics,
        Leadership leadership,
        List<Master> masters,
        List<Worker> workers,
        List<Node> nodes,
        List<Camera> cameras,
        List<Supervised> supervised,
        List<Link> links) {
    /**
     * Who leads.
     *
     * @param memberId number of the master that leads.
     * @param term     number of its term; it grows with every election.
     */
    public record Leadership(int memberId, long term) {}

    /**
     * A master, as it has told the others.
     *
     * @param id           party id.
     * @param incarnation  how often the name has registered.
     * @param memberId     its number among the masters; -1 unknown.
     * @param name         its name.
     * @param host         its host.
     * @param state        whether it answers; LEFT when it was stopped in order.
     * @param leads        whether it leads.
     * @param processId    its process on its host.
     * @param position     how far it has come in the log, bytes.
     * @param silentMillis time since it was heard.
     */
    public record Master(
            int id,
            int incarnation,
            int memberId,
            String name,
            String host,
            WorkerState state,
            boolean leads,
            long processId,
            long position,
            long silentMillis) {
        /**
         * Whether it takes part.
         *
         * @return true when it is alive.
         */
        public boolean isAlive() {
            return state == WorkerState.ALIVE;
        }
    }

    /**
     * A worker process that the agent of a node starts, watches and starts again.
     *
     * @param nodeId      party id of the node.
     * @param node        name of the node; empty when it is not known any more.
     * @param isNodeAlive whether the agent still watches; what it told last is shown otherwise.
     * @param name        the worker's name.
     * @param state       what the agent does about it; null for a state that this program does not know.
     * @param restarts    how often it was started again.
     * @param waitMillis  backing off: from the beginning of this state to the next start.
     * @param processId   its process on its host; 0 while none runs.
     * @param sinceMillis time in this state.
     * @param text        why it is in this state, in words.
     */
    public record Supervised(
            int nodeId,
            String node,
            boolean isNodeAlive,
            String name,
            SupervisedState state,
            long restarts,
            long waitMillis,
            long processId,
            long sinceMillis,
            String text) {}

    /**
     * A worker.
     *
     * @param id                     party id.
     * @param incarnation            how often the name has registered.
     * @param name                   its name.
     * @param device                 its device in words.
     * @param nodeId                 party id of its node; 0 without one.
     * @param processId              its process on its host.
     * @param state                  whether it answers; LEFT when it was stopped in order.
     * @param assigned               tasks it has.
     * @param window                 tasks it takes at a time.
     * @param completed              tasks it has completed.
     * @param failed                 tasks it has failed.
     * @param avgExecutionTimeMillis mean time in its handlers.
     * @param freeBytes              free memory of its device; -1 unknown.
     * @param silentMillis           time since it was heard.
     * @param failuresInARow         tasks failed since its last success.
     * @param stateMillis            time that it is SUSPECT, DRAINED or UNFIT; 0 otherwise.
     * @param gpu                    what it tells of its device; {@link Gpu#NONE} where it tells nothing, as of a CPU.
     */
    public record Worker(
            int id,
            int incarnation,
            String name,
            String device,
            int nodeId,
            long processId,
            WorkerState state,
            int assigned,
            int window,
            long completed,
            long failed,
            double avgExecutionTimeMillis,
            long freeBytes,
            long silentMillis,
            int failuresInARow,
            long stateMillis,
            Gpu gpu) {}

    /**
     * What a worker last told of its GPU; -1 is unknown, wherever a number stands.
     *
     * @param state              how it is; null for a state that this program does not know.
     * @param text               why it is not OK, or why that is not known; one sentence, or empty.
     * @param temperatureCelsius of the chip.
     * @param utilisation        share of the time in which a kernel ran, 0 to 1.
     * @param memoryBytes        all of its memory.
     * @param memoryUsedBytes    what all programs together use of it.
     * @param powerWatts         what it draws.
     * @param powerLimitWatts    what it may draw.
     * @param eccCorrected       memory errors that were corrected, since the driver was loaded.
     * @param eccUncorrected     memory errors that were not, since the driver was loaded.
     */
    public record Gpu(
            DeviceState state,
            String text,
            long temperatureCelsius,
            double utilisation,
            long memoryBytes,
            long memoryUsedBytes,
            double powerWatts,
            double powerLimitWatts,
            long eccCorrected,
            long eccUncorrected) {
        /** Nothing was told: the worker has no GPU, or is not there. */
        public static final Gpu NONE = new Gpu(DeviceState.UNKNOWN, "", -1, -1, -1, -1, -1, -1, -1, -1);

        /**
         * Whether a worker has told anything.
         *
         * @return false where there is nothing to show.
         */
        public boolean isTold() {
            return !equals(NONE);
        }
    }

    /**
     * A node: a host with its agent.
     *
     * @param id           party id.
     * @param incarnation  how often the name has registered.
     * @param name         its name.
     * @param host         its host.
     * @param state        whether it answers.
     * @param workers      workers on it.
     * @param cameras      cameras on it.
     * @param silentMillis time since it was heard.
     * @param addresses    its IP addresses, the preferred first; empty when it has told none.
     * @param resources    its resources, as it last told.
     * @param traffic      its frames from and to other hosts, as it last told.
     */
    public record Node(
            int id,
            int incarnation,
            String name,
            String host,
            WorkerState state,
            int workers,
            int cameras,
            long silentMillis,
            List<String> addresses,
            Resources resources,
            Traffic traffic) {
        /**
         * Whether it answers.
         *
         * @return true when it is alive.
         */
        public boolean isAlive() {
            return state == WorkerState.ALIVE;
        }
    }

    /**
     * Resources of a host; -1 is unknown, wherever a number stands.
     *
     * @param cores                  its processors; 0 unknown.
     * @param cpu                    share of them in use in its last second, 0 to 1; -1 unknown.
     * @param memoryBytes            its memory.
     * @param memoryFreeBytes        what new programs can have of it without swapping.
     * @param sharedBytes            size of the file system of its frame pools.
     * @param sharedFreeBytes        what is free of it.
     * @param receivedBytesPerSecond by all interfaces but loopback.
     * @param sentBytesPerSecond     by all interfaces but loopback.
     * @param udpErrors              datagrams that it received and lost for want of room, since it started.
     */
    public record Resources(
            int cores,
            double cpu,
            long memoryBytes,
            long memoryFreeBytes,
            long sharedBytes,
            long sharedFreeBytes,
            long receivedBytesPerSecond,
            long sentBytesPerSecond,
            long udpErrors) {
        /** Nothing is known. */
        public static final Resources UNKNOWN = new Resources(0, -1, -1, -1, -1, -1, -1, -1, -1);
    }

    /**
     * Frames that a node's agent has brought from other hosts and sent to them since it started; 0 where it has told nothing.
     *
     * @param framesFetched  frames brought here.
     * @param bytesFetched   of those frames.
     * @param fetchNanos     time from the request to the last byte, added up.
     * @param framesServed   frames sent to other hosts.
     * @param framesRelayed  of those sent: frames of third hosts.
     * @param chunksRepeated asked for again, because they came damaged.
     * @param intruders      packets ignored, because nobody of this system sent them.
     */
    public record Traffic(
            long framesFetched,
            long bytesFetched,
            long fetchNanos,
            long framesServed,
            long framesRelayed,
            long chunksRepeated,
            long intruders) {
        /** No frame has come or gone. */
        public static final Traffic NONE = new Traffic(0, 0, 0, 0, 0, 0, 0);
    }

    /**
     * What one node measured of the way to another, and how the frames of that other come to it.
     *
     * @param fromId              party id of the node that measured, and that asks for frames.
     * @param from                its name.
     * @param toId                party id of the other, which holds them.
     * @param to                  its name.
     * @param state               what the first finds of the direct way; null for a state that this program does not know.
     * @param loss                share of its last probes that were lost, 0 to 1.
     * @param roundTripMillis     smoothed; 0 unknown.
     * @param bytesPerSecond      payload that came, as measured; 0 unknown.
     * @param nextHopId           party id of the node that is asked for frames: the other itself where they come directly; 0 when
     *                            there is no way.
     * @param nextHop             its name; empty when there is no way.
     * @param routeLatencyMillis  one way, along the whole way; 0 unknown.
     * @param sinceMillis         time in this state.
     * @param spikeMillis         the longest of the spikes that made it degraded; 0 when it is not, or because of losses.
     * @param usualMillis         the round trip that those were compared with; 0 otherwise.
     */
    public record Link(
            int fromId,
            String from,
            int toId,
            String to,
            LinkState state,
            double loss,
            double roundTripMillis,
            long bytesPerSecond,
            int nextHopId,
            String nextHop,
            double routeLatencyMillis,
            long sinceMillis,
            double spikeMillis,
            double usualMillis) {
        /**
         * Why it is degraded.
         *
         * @return in words, {@code 7.0 % of the probes lost} or {@code spikes of 41.2 ms where 0.4 ms are usual}; empty when it is not.
         */
        public String trouble() {
            if (state != LinkState.DEGRADED) {
                return "";
            }
            return spikeMillis > 0
                    ? String.format(Locale.ROOT, "spikes of %.1f ms where %.1f ms are usual", spikeMillis, usualMillis)
                    : String.format(Locale.ROOT, "%.1f %% of the probes lost", 100 * loss);
        }

        /**
         * Whether frames come by way of a third node.
         *
         * @return false where they come directly, and where there is no way.
         */
        public boolean isRelayed() {
            return nextHopId != 0 && nextHopId != toId;
        }
    }

    /**
     * A camera.
     *
     * @param id              party id.
     * @param incarnation     how often the name has registered.
     * @param name            its name.
     * @param state           whether it answers.
     * @param nodeId          party id of its node; 0 without one.
     * @param allocatedNodeId node it was allocated to; 0 none.
     * @param framesAccepted  frames its jobs have taken.
     * @param framesRefused   frames they have not.
     * @param dropped         frames it dropped itself.
     * @param lastStep        step of its last frame.
     * @param lastWorkerId    worker that its last frame went to.
     */
    public record Camera(
            int id,
            int incarnation,
            String name,
            WorkerState state,
            int nodeId,
            int allocatedNodeId,
            long framesAccepted,
            long framesRefused,
            long dropped,
            long lastStep,
            int lastWorkerId,
            long poolId) {}
}
