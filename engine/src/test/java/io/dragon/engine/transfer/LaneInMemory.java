package io.dragon.engine.transfer;

/** A lane without a network: connected until it is closed. */
abstract class LaneInMemory implements Lane {
    private final int longestMessage;
    private final int longestPiece;
    private final boolean isPacketed;
    boolean isClosed;

    LaneInMemory(final int longestMessage, final int longestPiece, final boolean isPacketed) {
        this.longestMessage = longestMessage;
        this.longestPiece = longestPiece;
        this.isPacketed = isPacketed;
    }

    @Override
    public final int longestMessage() {
        return longestMessage;
    }

    @Override
    public final int longestPiece() {
        return longestPiece;
    }

    @Override
    public final boolean isPacketed() {
        return isPacketed;
    }

    @Override
    public boolean isConnected() {
        return !isClosed;
    }

    @Override
    public final boolean isClosed() {
        return isClosed;
    }

    @Override
    public final void close() {
        isClosed = true;
    }
}
