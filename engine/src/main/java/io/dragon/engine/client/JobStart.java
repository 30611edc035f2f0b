package io.dragon.engine.client;

import io.dragon.engine.config.DragonException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Starting a camera job: the ids of its two task types first, then the job, which the masters have to have taken. Any thread but the agent's. */
final class JobStart {
    private final DragonClient client;
    private final Duration timeout;
    private final ClientAgent agent;
    private final ClientState state;
    private final ClientCommandProxy proxy;

    JobStart(
            final DragonClient client,
            final Duration timeout,
            final ClientAgent agent,
            final ClientState state,
            final ClientCommandProxy proxy) {
        this.client = client;
        this.timeout = timeout;
        this.agent = agent;
        this.state = state;
        this.proxy = proxy;
    }

    JobHandle start(final JobSpec spec, final StepListener listener) {
        client.checkMayBlock();
        spec.check();
        final int frameTypeId = taskTypeId(spec.frameType(), timeout);
        final int stepTypeId = taskTypeId(spec.stepType(), timeout);
        final JobHandle[] started = new JobHandle[1];
        final boolean written = client.awaitTrue(
                () -> (started[0] = proxy.tryStartJob(spec, frameTypeId, stepTypeId, listener)) != null, timeout);
        final JobHandle job = started[0];
        final boolean taken = written && client.awaitTrue(() -> job.isStarted() || job.isClosed(), timeout);
        if (!taken) {
            if (written) { // taken late, it would keep its cameras from every other job
                job.giveUp();
                agent.sendLater(() -> proxy.tryCloseJob(job.jobId()));
            }
            throw new DragonException(
                    DragonException.TIMED_OUT,
                    "no master has taken the job: " + agent.session().state());
        }
        if (job.isClosed()) {
            state.jobs.remove(job.jobId());
            throw new DragonException("the job was refused: " + job.report().reason());
        }
        return job;
    }

    int taskTypeId(final String taskType, final Duration most) {
        final Integer known = state.taskTypes.get(taskType);
        if (known != null) {
            return known;
        }
        client.checkMayBlock();
        final Integer[] asked = new Integer[1];
        // asked again while it waits: a registration anew forgets what was asked before
        final BooleanSupplier answered = () -> {
            proxy.tryAskTaskType(taskType);
            asked[0] = state.taskTypes.get(taskType);
            return asked[0] != null;
        };
        if (!client.awaitTrue(answered, most)) {
            throw new DragonException(
                    DragonException.TIMED_OUT,
                    "no master gave task type '" + taskType + "' an id: "
                            + agent.session().state());
        }
        return asked[0];
    }
}
