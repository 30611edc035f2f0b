package io.dragon.engine.cluster;

import java.nio.file.Path;

/** What a party tells about itself when it registers. Mutable until it is handed over. */
public final class PartyOptions {
    private int window = 2;
    private int nodeId;
    private long processId = ProcessHandle.current().pid();
    private long memoryBytes;
    private String host = "localhost";
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

    /**
     * How many assignments a worker takes at a time.
     *
     * @return 1 or more.
     */
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

    /**
     * The party id of the node it runs on.
     *
     * @return 0 when it has no node agent.
     */
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

    /**
     * The operating system's id of the process.
     *
     * @return the id.
     */
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

    /**
     * Memory of a worker's device.
     *
     * @return bytes; 0 unknown.
     */
    public long memoryBytes() {
        return memoryBytes;
    }

    /**
     * The name of the host it runs on.
     *
     * @param host at most 48 bytes.
     * @return this.
     */
    public PartyOptions host(final String host) {
        this.host = host;
        return this;
    }

    /**
     * The name of the host it runs on.
     *
     * @return the name.
     */
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

    /**
     * A worker's device in words.
     *
     * @return the words; empty when it has none.
     */
    public String device() {
        return device;
    }

    /**
     * The liveness lock that this process holds for the party: with it the host agent knows of its death at once. The party
     * leaves its {@link PartyCard} beside it.
     *
     * @param lockFile the lock's file; null when it holds none.
     * @return this.
     */
    public PartyOptions lockFile(final Path lockFile) {
        this.lockFile = lockFile;
        return this;
    }

    /**
     * The liveness lock that this process holds for the party.
     *
     * @return the lock's file; null when it holds none.
     */
    public Path lockFile() {
        return lockFile;
    }
}
