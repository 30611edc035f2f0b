package io.dragon.engine.cluster.replay;

import io.dragon.codecs.control.LinkState;
import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import io.dragon.engine.sequencer.Trace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.agrona.DirectBuffer;

/** Tells in words what a replay decides: the life of one task, and how every task ended. One thread, that of the replay. */
public final class Story implements Trace, LogReplay.Listener {
    /** A task's number within its client; the bits above are the client's party id. */
    private static final int SEQUENCE_BITS = 40;

    private static final long SEQUENCE_MASK = (1L << SEQUENCE_BITS) - 1;
    private static final double MILLIONTHS = 1e6;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

    /**
     * One event in a task's life.
     *
     * @param position of the log, behind the message that led to it, bytes
     * @param timeMs   cluster time, milliseconds since 1970
     * @param text     what happened, in words
     */
    public record Line(long position, long timeMs, String text) {}

    /**
     * How a task ended.
     *
     * @param taskId   the task
     * @param type     its type; empty when its submit is older than the replay
     * @param state    its last state
     * @param reason   why it is in it; NONE when it completed
     * @param worker   the worker of its last attempt; empty when it never had one
     * @param attempts assignments that the replay saw
     * @param tookMs   from its submit, milliseconds of cluster time; -1 when that is older than the replay
     * @param position of the log where it ended, bytes
     */
    public record End(
            long taskId,
            String type,
            TaskState state,
            Reason reason,
            String worker,
            int attempts,
            long tookMs,
            long position) {}

    /**
     * A leader and when it took over.
     *
     * @param termId   its leadership term
     * @param leader   which member
     * @param position of the log, bytes
     * @param timeMs   cluster time, milliseconds since 1970
     */
    public record Term(long termId, int leader, long position, long timeMs) {}

    private static final class Open {
        String type = "";
        long submittedMs = -1;
        int workerId;
        int attempts;
    }

    private final long taskId;
    private final int endsKept;
    private final List<Line> lines = new ArrayList<>();
    private final List<Term> terms = new ArrayList<>();
    private final ArrayDeque<End> ends = new ArrayDeque<>();
    private final Map<Long, Open> open = new HashMap<>();
    private final Map<Integer, String> names = new HashMap<>();
    private LogReplay replay;
    private long snapshots;
    private long endsSeen;

    /**
     * A story that has not begun.
     *
     * @param taskId   the task whose life is told; 0 for none
     * @param endsKept how many ends are kept, the last ones
     */
    public Story(final long taskId, final int endsKept) {
        this.taskId = taskId;
        this.endsKept = endsKept;
    }

    /**
     * Sets where times and positions come from, and the names of those who registered before it.
     *
     * @param source the replay that this story is told by
     */
    public void follow(final LogReplay source) {
        replay = source;
        source.state().names().forEach(names::putIfAbsent);
    }

    /**
     * The life of the task.
     *
     * @return its events in their order
     */
    public List<Line> lines() {
        return List.copyOf(lines);
    }

    /**
     * The type of the task, as long as it has not ended.
     *
     * @return its name; empty when it has ended, never came, or was submitted before the replay begins
     */
    public String openType() {
        final Open task = open.get(taskId);
        return task == null ? "" : task.type;
    }

    /**
     * The leaders.
     *
     * @return in their order
     */
    public List<Term> terms() {
        return List.copyOf(terms);
    }

    /**
     * The last tasks that ended.
     *
     * @return in the order of their ends
     */
    public List<End> ends() {
        return List.copyOf(ends);
    }

    /**
     * Tasks that ended, kept or not.
     *
     * @return a count
     */
    public long endsSeen() {
        return endsSeen;
    }

    /**
     * Snapshots that the masters took.
     *
     * @return a count
     */
    public long snapshots() {
        return snapshots;
    }

    /**
     * A task's id for people: whose it is, and its number there.
     *
     * @param id a task id
     * @return {@code id (client 7, number 12)}
     */
    public static String words(final long id) {
        return Long.toUnsignedString(id) + " (client " + (id >>> SEQUENCE_BITS) + ", number " + (id & SEQUENCE_MASK)
                + ')';
    }

    private void say(final long id, final String format, final Object... arguments) {
        if (id == taskId) {
            lines.add(new Line(
                    replay == null ? 0 : replay.position(),
                    replay == null ? 0 : replay.timeMs(),
                    String.format(Locale.ROOT, format, arguments)));
        }
    }

    private String name(final int partyId) {
        return names.getOrDefault(partyId, "party " + partyId);
    }

    private Open task(final long id) {
        return open.computeIfAbsent(id, key -> new Open());
    }

    @Override
    public void onTerm(final long termId, final int leaderMemberId) {
        terms.add(new Term(termId, leaderMemberId, replay.position(), replay.timeMs()));
        if (!lines.isEmpty() && open.containsKey(taskId)) {
            say(taskId, "member %d became the leader (term %d)", leaderMemberId, termId);
        }
    }

    @Override
    public void onSnapshotTaken() {
        snapshots++;
    }

    @Override
    public void registered(final int partyId, final int incarnation, final PartyKind kind, final String name) {
        names.put(partyId, name);
    }

    @Override
    public void gone(final int partyId, final int incarnation, final String why) {
        final Open task = open.get(taskId);
        if (task != null && task.workerId == partyId) {
            say(taskId, "its worker %s is gone: %s", name(partyId), why);
        }
    }

    @Override
    public void linkChanged(
            final int fromNodeId,
            final int toNodeId,
            final LinkState state,
            final int lossPermille,
            final long roundTripNs) {
        if (open.containsKey(taskId)) {
            say(
                    taskId,
                    "  %s finds the way to %s %s (%d of 1000 probes lost, round trip %.3f ms)",
                    name(fromNodeId),
                    name(toNodeId),
                    state.name().toLowerCase(Locale.ROOT),
                    lossPermille,
                    roundTripNs / NANOS_PER_MILLI);
        }
    }

    @Override
    public void routeChanged(final int nodeId, final int fromNodeId, final int viaNodeId, final long latencyNs) {
        if (open.containsKey(taskId)) {
            say(
                    taskId,
                    viaNodeId == 0
                            ? "  frames of %s have no way to %s"
                            : viaNodeId == fromNodeId
                                    ? "  frames of %s come to %s directly"
                                    : "  frames of %s come to %s by %s",
                    name(fromNodeId),
                    name(nodeId),
                    name(viaNodeId));
        }
    }

    @Override
    public void submitted(
            final long id,
            final int clientId,
            final String type,
            final int priority,
            final long memoryBytes,
            final long deadlineMs,
            final long jobId,
            final long step,
            final int part) {
        final Open task = task(id);
        task.type = type;
        task.submittedMs = replay == null ? 0 : replay.timeMs();
        say(
                id,
                "%s by %s: type '%s', priority %d%s%s",
                jobId == 0 ? "submitted" : "made for job " + jobId + ", step " + step + ", part " + part,
                name(clientId),
                type,
                priority,
                memoryBytes == 0 ? "" : ", needs " + memoryBytes + " bytes of device memory",
                deadlineMs == Long.MAX_VALUE ? "" : ", expires in " + (deadlineMs - task.submittedMs) + " ms");
    }

    @Override
    public void waiting(final long id, final long dependencyId) {
        say(id, "waits for task %s", words(dependencyId));
    }

    @Override
    public void ready(final long id, final long inputBytes, final int homeNodeId) {
        say(
                id,
                "ready%s%s",
                inputBytes == 0 ? "" : ", inputs of " + inputBytes + " bytes",
                homeNodeId == 0 ? "" : ", most of it on " + name(homeNodeId));
    }

    @Override
    public void considered(
            final long id, final int workerId, final String strategy, final long millionths, final String factors) {
        say(id, "  candidate %s: %s %.6f = %s", name(workerId), strategy, millionths / MILLIONTHS, factors);
    }

    @Override
    public void excluded(final long id, final int workerId, final String why) {
        say(id, "  not %s: %s", name(workerId), why);
    }

    @Override
    public void assigned(final long id, final int workerId, final int attempt) {
        final Open task = task(id);
        task.workerId = workerId;
        task.attempts++;
        say(id, "given to %s, attempt %d", name(workerId), attempt);
    }

    @Override
    public void parked(final long id, final String why) {
        say(id, "set aside: %s", why);
    }

    @Override
    public void resumed(final long id) {
        say(id, "looked at again");
    }

    @Override
    public void answered(
            final long id, final int workerId, final int attempt, final Reason reason, final long executionNs) {
        say(
                id,
                reason == Reason.NONE ? "%s completed attempt %d in %.3f ms" : "%s failed attempt %d after %.3f ms: %s",
                name(workerId),
                attempt,
                executionNs / NANOS_PER_MILLI,
                words(reason));
    }

    @Override
    public void explained(
            final long id, final int workerId, final DirectBuffer buffer, final int offset, final int length) {
        final String text = buffer.getStringWithoutLengthUtf8(offset, length);
        say(id, "  %s says: %s", name(workerId), CONTROL.matcher(text).replaceAll(" "));
    }

    @Override
    public void ignored(final long id, final int workerId, final int attempt) {
        say(id, "a late answer of %s for attempt %d was refused", name(workerId), attempt);
    }

    @Override
    public void retried(
            final long id, final int workerId, final Reason reason, final int failures, final int maxAttempts) {
        say(id, "tried again: %d of at most %d failures (%s)", failures, maxAttempts, words(reason));
    }

    @Override
    public void reassigned(final long id, final int workerId, final String why) {
        say(id, "taken from %s, which does not count as a failure: %s", name(workerId), why);
    }

    @Override
    public void split(final long id, final int pieces) {
        say(id, "the next attempt works in %d pieces, for want of device memory", pieces);
    }

    @Override
    public void ended(final long id, final TaskState state, final Reason reason) {
        final Open task = task(id);
        say(
                id,
                "%s%s%s",
                state.name().toLowerCase(Locale.ROOT),
                reason == Reason.NONE ? "" : ": " + words(reason),
                task.attempts == 0 && task.submittedMs >= 0 ? "; no worker ever had it" : "");
        endsSeen++;
        if (endsKept > 0) {
            if (ends.size() == endsKept) {
                ends.removeFirst();
            }
            ends.add(new End(
                    id,
                    task.type,
                    state,
                    reason,
                    task.workerId == 0 ? "" : name(task.workerId),
                    task.attempts,
                    task.submittedMs < 0 ? -1 : replay.timeMs() - task.submittedMs,
                    replay.position()));
        }
        open.remove(id);
    }

    @Override
    public void told(final long id, final int clientId, final long event) {
        say(id, "result sent to %s, its event %d", name(clientId), event);
    }

    @Override
    public void acknowledged(final long id) {
        say(id, "the client has the result");
    }

    private static String words(final Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
