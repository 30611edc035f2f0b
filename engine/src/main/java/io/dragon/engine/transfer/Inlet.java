package io.dragon.engine.transfer;

/**
 * One stream that comes in, and what is going on in it: which piece is on its way, and where its bytes go. Made by a transport for each image or
 * connection; the agent keeps its own state of the stream in {@link #attachment}. One thread, that of its transport.
 */
public final class Inlet {
    private final String source;
    private final PieceTarget target = new PieceTarget();
    private Object attachment;

    /**
     * A stream without anything on its way.
     *
     * @param source where it comes from, for people
     */
    public Inlet(final String source) {
        this.source = source;
    }

    /**
     * Where it comes from.
     *
     * @return an address, for people
     */
    public String source() {
        return source;
    }

    /**
     * Where the bytes of the piece go that is arriving. Looked at again before every write: what it names may be taken away between two.
     *
     * @return always the same object
     */
    public PieceTarget target() {
        return target;
    }

    /**
     * What the agent keeps of this stream.
     *
     * @return null at first
     */
    public Object attachment() {
        return attachment;
    }

    /**
     * Keeps something of this stream.
     *
     * @param attachment of the agent
     */
    public void attachment(final Object attachment) {
        this.attachment = attachment;
    }
}
