package io.dragon.engine.client;

import io.aeron.Aeron;
import io.dragon.engine.cluster.MediaDriverNode;
import io.dragon.engine.config.Timeouts;
import io.dragon.engine.frame.FrameHandler;
import io.dragon.engine.transfer.FrameMirror;
import java.nio.file.Path;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentInvoker;

/**
 * Reads the frames of a camera directly, without scheduling, wherever the camera is: on this host from the camera's own memory, on another by
 * way of the node agents, which bring each frame once for all programs of this host; when the link is slower than the camera, the
 * newest frame wins. One thread, which has to poll it at least every second.
 */
public final class CameraReader implements AutoCloseable {
    private static final long CONNECT_AGAIN_NS = 500_000_000;

    private final String cameraName;
    private final String aeronDirectoryName;
    private final Timeouts timeouts;
    private final ErrorHandler errorHandler;
    private final boolean isOfThisHost;
    private final FrameMirror mirror;
    private Aeron aeron;
    private AgentInvoker conductor;
    private long connectNs = System.nanoTime();

    CameraReader(final ClientContext ctx, final String cameraName, final long poolId) {
        this.cameraName = cameraName;
        aeronDirectoryName = ctx.aeronDirectoryName();
        timeouts = ctx.timeouts();
        errorHandler = ctx.errorHandler();
        mirror = new FrameMirror(ctx.directory(), poolId, ctx.name(), errorHandler);
        isOfThisHost = mirror.isOpen();
    }

    /**
     * Name of the camera.
     *
     * @return as it was asked for.
     */
    public String cameraName() {
        return cameraName;
    }

    /**
     * Hands frames to a handler, oldest first; each is leased for the length of the call.
     *
     * @param handler of frames.
     * @param limit   of frames.
     * @return the number of frames handed over.
     */
    public int poll(final FrameHandler handler, final int limit) {
        if (!isOfThisHost) {
            work();
        }
        return mirror.poll(handler, limit);
    }

    /**
     * Whether frames may come.
     *
     * @return false until the way to the camera is open, and after its {@link #end()}.
     */
    public boolean isOpen() {
        return mirror.isOpen();
    }

    /**
     * Why no more frames will come: the camera has ended, or its host is lost. One that comes back has a pool of its own, and is to
     * be subscribed to again.
     *
     * @return one sentence; null while they may.
     */
    public String end() {
        return mirror.end();
    }

    /**
     * Frames that came to this host and that this reader was too slow for.
     *
     * @return frames since it began.
     */
    public long missed() {
        return mirror.missed();
    }

    /** Ends reading. The thread that polls, or any once that has ended. */
    @Override
    public void close() {
        CloseHelper.closeAll(errorHandler, mirror, aeron);
        aeron = null;
    }

    private void work() {
        final long nowNs = System.nanoTime();
        try {
            if (aeron != null && aeron.isClosed()) {
                aeron = null;
            }
            if (aeron == null && nowNs - connectNs >= 0) {
                connectNs = nowNs + CONNECT_AGAIN_NS;
                connect();
            }
            if (aeron != null) {
                conductor.invoke();
            }
        } catch (final RuntimeException ex) {
            errorHandler.onError(ex);
            CloseHelper.close(errorHandler, aeron);
            aeron = null;
        }
        mirror.doWork(aeron);
    }

    private void connect() {
        if (MediaDriverNode.isActive(Path.of(aeronDirectoryName), timeouts)) {
            aeron = Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(aeronDirectoryName)
                    .clientName("camera " + cameraName)
                    .driverTimeoutMs(timeouts.ms(Timeouts.Key.DRIVER))
                    .keepAliveIntervalNs(timeouts.ns(Timeouts.Key.DRIVER_KEEP_ALIVE))
                    .useConductorAgentInvoker(true)
                    .errorHandler(errorHandler));
            conductor = aeron.conductorAgentInvoker();
        }
    }
}
