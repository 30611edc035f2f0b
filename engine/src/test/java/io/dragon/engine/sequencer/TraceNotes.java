package io.dragon.engine.sequencer;

import io.dragon.codecs.control.PartyKind;
import io.dragon.codecs.control.Reason;
import io.dragon.codecs.control.TaskState;
import java.util.ArrayList;
import java.util.List;

/** What a trace heard, a line each, without the task's id. */
final class TraceNotes implements Trace {
    final List<String> lines = new ArrayList<>();

    @Override
    public void registered(final int partyId, final int incarnation, final PartyKind kind, final String name) {
        lines.add("registered " + kind + " " + name + " " + incarnation);
    }

    @Override
    public void gone(final int partyId, final int incarnation, final String why) {
        lines.add("gone " + partyId + " " + why);
    }

    @Override
    public void linkChanged(
            final int fromNodeId,
            final int toNodeId,
            final io.dragon.codecs.control.LinkState state,
            final int lossPermille,
            final long roundTripNs) {
        lines.add("link " + fromNodeId + " " + toNodeId + " " + state);
    }

    @Override
    public void routeChanged(final int nodeId, final int fromNodeId, final int viaNodeId, final long latencyNs) {
        lines.add("route " + nodeId + " from " + fromNodeId + " by " + viaNodeId + " " + latencyNs);
    }

    @Override
    public void submitted(
            final long taskId,
            final int clientId,
            final String type,
            final int priority,
            final long memoryBytes,
            final long deadlineMs,
            final long jobId,
            final long step,
            final int part) {
        lines.add("submitted " + type + " " + priority);
    }

    @Override
    public void waiting(final long taskId, final long dependencyId) {
        lines.add("waiting");
    }

    @Override
    public void ready(final long taskId, final long inputBytes, final int homeNodeId) {
        lines.add("ready");
    }

    @Override
    public void considered(
            final long taskId, final int workerId, final String strategy, final long millionths, final String factors) {
        lines.add("considered " + workerId + " " + strategy + " " + millionths + ": " + factors);
    }

    @Override
    public void excluded(final long taskId, final int workerId, final String why) {
        lines.add("excluded " + workerId + ": " + why);
    }

    @Override
    public void assigned(final long taskId, final int workerId, final int attempt) {
        lines.add("assigned " + workerId + " " + attempt);
    }

    @Override
    public void parked(final long taskId, final String why) {
        lines.add("parked: " + why);
    }

    @Override
    public void resumed(final long taskId) {
        lines.add("resumed");
    }

    @Override
    public void answered(
            final long taskId, final int workerId, final int attempt, final Reason reason, final long executionNs) {
        lines.add("answered " + workerId + " " + attempt + " " + reason);
    }

    @Override
    public void ignored(final long taskId, final int workerId, final int attempt) {
        lines.add("ignored " + workerId + " " + attempt);
    }

    @Override
    public void retried(
            final long taskId, final int workerId, final Reason reason, final int failures, final int maxAttempts) {
        lines.add("retried " + workerId + " " + reason + " " + failures + "/" + maxAttempts);
    }

    @Override
    public void reassigned(final long taskId, final int workerId, final String why) {
        lines.add("reassigned " + workerId + ": " + why);
    }

    @Override
    public void split(final long taskId, final int pieces) {
        lines.add("split " + pieces);
    }

    @Override
    public void ended(final long taskId, final TaskState state, final Reason reason) {
        lines.add("ended " + state + " " + reason);
    }

    @Override
    public void told(final long taskId, final int clientId, final long event) {
        lines.add("told " + clientId);
    }

    @Override
    public void acknowledged(final long taskId) {
        lines.add("acknowledged");
    }

    /** Only the first words, without those about candidates. */
    List<String> events() {
        return lines.stream()
                .filter(line -> !line.startsWith("considered") && !line.startsWith("excluded"))
                .map(line -> line.split("[ :]")[0])
                .toList();
    }
}
