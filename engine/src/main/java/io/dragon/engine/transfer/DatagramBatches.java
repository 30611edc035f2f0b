package io.dragon.engine.transfer;

import io.aeron.driver.MediaDriver;

/** How a media driver sends and receives many packets with one call to the system, where that allows it; see {@code docs/transports.md}. */
public final class DatagramBatches {
    private DatagramBatches() {}

    /**
     * Has a driver do so.
     *
     * @param ctx of a driver that is not launched yet.
     * @return the same.
     */
    public static MediaDriver.Context apply(final MediaDriver.Context ctx) {
        return ctx.sendChannelEndpointSupplier(BatchedSendEndpoint::new)
                .receiveChannelEndpointSupplier(BatchedReceiveEndpoint::new);
    }
}
