package io.dragon.engine.client;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.frame.FramePool;
import java.time.Duration;

/** Makes a camera known to the masters, with a frame pool of its own, and lets it go in order. Any thread but the agent's. */
final class CameraRegistration {
    private static final long AWAY_NS = 2_000_000_000;

    private final DragonClient client;
    private final ClientContext ctx;
    private final ClientAgent agent;
    private final ClientState state;

    CameraRegistration(
            final DragonClient client, final ClientContext ctx, final ClientAgent agent, final ClientState state) {
        this.client = client;
        this.ctx = ctx;
        this.agent = agent;
        this.state = state;
    }

    FramePublisher add(final String cameraName, final FramePublisher.Config config) {
        client.checkMayBlock();
        final FramePool pool = config.createPool(ctx.directory(), cameraName);
        final FrameFeed feed;
        try {
            feed = new FrameFeed(
                    cameraName,
                    pool,
                    config.awayPolicy(),
                    ctx.directory().create().partyLock("camera-" + cameraName));
        } catch (final DragonException ex) {
            pool.close();
            throw ex;
        }
        try {
            agent.addFeed(feed);
        } catch (final DragonException ex) {
            feed.close();
            throw ex;
        }
        // once is enough: it may be registering anew by now, with a new pool for what is published then
        if (!client.awaitTrue(() -> feed.registered || feed.refusedText != null, ctx.connectTimeout())
                || feed.refusedText != null) {
            agent.call(feed::leave);
            client.awaitTrue(feed::isGone, Duration.ofSeconds(1));
            feed.close();
            throw new DragonException(
                    DragonException.TIMED_OUT,
                    "camera '" + cameraName + "' could not register with a master: "
                            + (feed.refusedText != null
                                    ? feed.refusedText
                                    : agent.session().state()));
        }
        return new FramePublisher(client, feed, pool, config, ctx.directory());
    }

    void remove(final FrameFeed feed) {
        if (!client.isClosed() && !feed.isGone()) {
            client.checkMayBlock();
            agent.call(feed::leaveInOrder);
            // what was published has to be sequenced before the pool counts as left behind; without a master nobody
            // knows when
            final long awayNs = System.nanoTime() + AWAY_NS;
            client.awaitTrue(
                    () -> client.isClosed() || feed.isGone() || !state.connected && System.nanoTime() - awayNs >= 0,
                    ctx.submitTimeout());
        }
    }
}
