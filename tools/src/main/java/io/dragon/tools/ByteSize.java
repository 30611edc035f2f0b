package io.dragon.tools;

/** A size given with its unit on the command line, {@code 64MiB}. */
record ByteSize(long bytes) {}
