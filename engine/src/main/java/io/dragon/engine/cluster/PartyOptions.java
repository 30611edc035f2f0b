package io.dragon.engine.cluster;

import java.nio.file.Path;

/** What a party tells about itself when it registers. Mutable until it is handed over. */
public final class PartyOptions {
    private int window = 2;
    private int nodeId;
    private long processId = ProcessHandle.current().pid();
    private long memoryBytes;
    private String host;
    private String device = "";
    private Path lockFile;

    /** Options of a party without a device. */
    public PartyOptions() {}

    /**
     * How many assignments a worker takes at a time.
     *
     * @param window 1 or more.
     * @return this.
     */
    public PartyOptions window(final int window) {
        this.window = window;
        return this;
    }

    /** {@return how many assignments a worker takes at a time: 1 or more} */
    public int window() {
        return window;
    }

    /**
     * The party id of the node it runs on.
     *
     * @param nodeId 0 when it has no node agent.
     * @return this.
     */
    public PartyOptions nodeId(final int nodeId) {
        this.nodeId = nodeId;
        return this;
    }

    /** {@return the party id of the node it runs on: 0 when it has no node agent} */
    public int nodeId() {
        return nodeId;
    }

    /**
     * The operating system's id of the process; this process by default.
     *
     * @param processId the id.
     * @return this.
     */
    public PartyOptions processId(final long processId) {
        this.processId = processId;
        return this;
    }

    /** {@return the operating system's id of the process: the id} */
    public long processId() {
        return processId;
    }

    /**
     * Memory of a worker's device.
     *
     * @param memoryBytes bytes; 0 unknown.
     * @return this.
     */
    public PartyOptions memoryBytes(final long memoryBytes) {
        this.memoryBytes = memoryBytes;
        return this;
    }

    /** {@return memory of a worker's device: bytes; 0 unknown} */
    public long memoryBytes() {
        return memoryBytes;
    }

    /**
     * The name of the host it runs on, where that is not the session's.
     *
     * @param host at most 48 bytes; null (the default) for the session's.
     * @return this.
     */
    public PartyOptions host(final String host) {
        this.host = host;
        return this;
    }

    /** {@return the name of the host it runs on: the name; null for that of the session} */
    public String host() {
        return host;
    }

    /**
     * A worker's device in words.
     *
     * @param device at most 48 bytes.
     * @return this.
     */
    public PartyOptions device(final String device) {
        this.device = device;
        return this;
    }

    /** {@return a worker's device in words: the words; empty when it has none} */
    public String device() {
        return device;
    }

    /**
     * The liveness lock that this process holds for the party: with it the host agent knows of its death at once. The party
     * leaves its {@link io.dragon.engine.node.PartyCard} beside it.
     *
     * @param lockFile the lock's file; null when it holds none.
     * @return this.
     */
    public PartyOptions lockFile(final Path lockFile) {
        this.lockFile = lockFile;
        return this;
    }

    /** {@return the liveness lock that this process holds for the party: the lock's file; null when it holds none} */
    public Path lockFile() {
        return lockFile;
    }
}
