package io.dragon.engine.client;

import io.dragon.codecs.control.Reason;
import io.dragon.engine.frame.FrameLease;
import io.dragon.engine.frame.FrameReader;
import io.dragon.engine.frame.FrameRef;

/**
 * Replaces dependencies that are finished by their outputs. The sequencer forgets a task whose result was acknowledged, and the agent alone
 * knows at the moment of sending which results it has taken: a task it has not seen the end of is still known there. Outputs of another
 * host are here as copies that the sequencer does not know, so they become inputs by value. Agent thread only.
 */
final class DependencyResolver {
    private final ClientState state;
    private final FrameReader reader;
    private final RemoteResults remote;
    private Reason refusal;
    private String refusalText;

    DependencyResolver(final ClientState state, final FrameReader reader, final RemoteResults remote) {
        this.remote = remote;
        this.state = state;
        this.reader = reader;
    }

    Reason refusal() {
        return refusal;
    }

    String refusalText() {
        return refusalText;
    }

    /** The request as it can be sent now; null when it cannot succeed, with the reason in {@link #refusal()}. */
    TaskRequest resolve(final TaskHandle task, final TaskRequest request) {
        final TaskRequest resolved = request.copyWithoutDependencies();
        for (int i = 0; i < request.dependencyCount(); i++) {
            final TaskHandle dependency = state.tasks.get(request.dependency(i));
            final TaskOutcome outcome = dependency == null ? null : dependency.outcome();
            if (outcome == null || remote.isRemembered(outcome.taskId())) {
                resolved.dependsOn(request.dependency(i));
            } else if (outcome.isCompleted()) {
                if (!take(task, outcome, resolved) && !request.optionalDependencies()) {
                    return refuse(
                            Reason.INPUT_LOST,
                            "task " + outcome.taskId()
                                    + ", which it depends on, has completed, and its outputs are given back");
                }
            } else if (!request.optionalDependencies()) {
                return refuse(
                        Reason.DEPENDENCY_FAILED,
                        "task " + outcome.taskId() + ", which it depends on, ended as " + outcome.state() + " ("
                                + outcome.reason() + ')');
            }
            if (resolved.inputs().size() > TaskRequest.MAX_INPUTS - TaskOutcome.MAX_OUTPUTS
                    && i + 1 < request.dependencyCount()) {
                return refuse(Reason.TOO_MANY_INPUTS, "with the outputs of its dependencies it has too many inputs");
            }
        }
        if (Commands.length(resolved) > Commands.MAX_LENGTH) {
            return refuse(Reason.TOO_MANY_INPUTS, "with the outputs of its dependencies it is too long for a message");
        }
        return resolved;
    }

    private boolean take(final TaskHandle task, final TaskOutcome outcome, final TaskRequest resolved) {
        for (final FrameRef frame : outcome.outputRefs()) {
            final FrameLease lease = new FrameLease();
            if (reader.acquire(frame, lease) != 0) {
                return false;
            }
            task.kept().add(lease);
            if (outcome.isFetched()) {
                resolved.inputCopy(lease);
            } else {
                resolved.input(frame);
            }
        }
        return true;
    }

    private TaskRequest refuse(final Reason why, final String text) {
        refusal = why;
        refusalText = text;
        return null;
    }
}
