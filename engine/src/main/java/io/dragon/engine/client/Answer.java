package io.dragon.engine.client;

import io.dragon.codecs.control.MessageHeaderDecoder;
import io.dragon.engine.cluster.ReplyListener;
import io.dragon.engine.config.DragonException;
import java.time.Duration;

/**
 * An answer of one or more messages: collected on the agent's thread, read by the thread that asked once it has ended.
 *
 * @param <T> what is collected.
 */
abstract class Answer<T> implements ReplyListener {
    final MessageHeaderDecoder header = new MessageHeaderDecoder();
    final T content;
    private volatile boolean ended;
    private volatile boolean complete;

    Answer(final T content) {
        this.content = content;
    }

    @Override
    public final void onEnd(final boolean all) {
        if (!ended) {
            complete = all;
            ended = true;
        }
    }

    /** The thread that asked: waits for the end. */
    final T await(final DragonClient client, final ClientAgent agent, final String what, final Duration timeout) {
        if (!client.awaitTrue(() -> ended, timeout) || !complete) {
            throw new DragonException(
                    DragonException.TIMED_OUT,
                    "no master answered " + what + ": " + agent.session().state());
        }
        return content;
    }
}
