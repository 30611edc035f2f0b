package io.dragon.engine.transfer;

/**
 * How a frame is cut into chunks: first those of the metadata, then those of the payload, the last of each as short as it must be.
 */
final class ChunkGrid {
    /** Metadata of a frame is at most so long. */
    static final int LONGEST_METADATA = 65_536;

    private int chunkLength = TransferContext.SHORTEST_CHUNK;
    private int length;
    private int metadataLength;
    private int metadataChunks;
    private int count;

    void set(final int newChunkLength, final int newLength, final int newMetadataLength) {
        chunkLength = newChunkLength;
        length = newLength;
        metadataLength = newMetadataLength;
        metadataChunks = ceil(newMetadataLength, newChunkLength);
        count = metadataChunks + ceil(newLength, newChunkLength);
    }

    private static int ceil(final int bytes, final int chunk) {
        return (int) (((long) bytes + chunk - 1) / chunk);
    }

    int chunkLength() {
        return chunkLength;
    }

    int length() {
        return length;
    }

    int metadataLength() {
        return metadataLength;
    }

    int count() {
        return count;
    }

    boolean isMetadata(final int chunk) {
        return chunk < metadataChunks;
    }

    /** Where a chunk begins: in the metadata, or in the payload. */
    int offset(final int chunk) {
        return (isMetadata(chunk) ? chunk : chunk - metadataChunks) * chunkLength;
    }

    int length(final int chunk) {
        return Math.min(chunkLength, (isMetadata(chunk) ? metadataLength : length) - offset(chunk));
    }
}
