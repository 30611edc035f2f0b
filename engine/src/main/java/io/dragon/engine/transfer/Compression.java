package io.dragon.engine.transfer;

/** Whether chunks are compressed. */
public enum Compression {
    /** Where it makes a frame arrive earlier, by the measured rates of the link and of the compressor. */
    AUTO,

    /** Always, where a chunk becomes smaller. */
    ON,

    /** Never. */
    OFF
}
