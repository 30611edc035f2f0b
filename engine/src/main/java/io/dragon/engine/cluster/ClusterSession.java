package io.dragon.engine.cluster;

import io.dragon.codecs.control.PartyKind;
import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * A process's line to the sequencer: one Aeron Cluster client that connects and reconnects by itself and carries any number of
 * parties. An {@link Agent} of one thread: {@link #doWork()} and every method of its parties belong to that thread,
 * {@link #register} and {@link #query} may be called from any.
 */
public final class ClusterSession implements Agent, AutoCloseable {
    /**
     * A session that connects in its duty cycle.
     *
     * @param ctx how; concluded here.
     */
    public ClusterSession(final Context ctx) {
        ctx.conclude();
    }

    /**
     * A new party of this session, which registers as soon as there is a connection, and anew after it was fenced.
     *
     * @param kind     what it is.
     * @param name     its name, at most 48 bytes of UTF-8.
     * @param options  what it tells about itself.
     * @param listener what happens to it.
     * @return the party, not yet active.
     */
    public Party register(
            final PartyKind kind, final String name, final PartyOptions options, final PartyListener listener) {
        throw new UnsupportedOperationException();
    }

    /**
     * Asks for a section of the cluster's status; further pages are asked for until there are no more.
     *
     * @param section  0 summary, 1 workers, 2 nodes, 3 cameras.
     * @param listener receives the pages.
     */
    public void query(final int section, final ReplyListener listener) {
        throw new UnsupportedOperationException();
    }

    /**
     * The correlation id for a command whose reply is to go to a listener.
     *
     * @param listener receives the one reply.
     * @return the id to put into the command.
     */
    public long expectReply(final ReplyListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int doWork() {
        throw new UnsupportedOperationException();
    }

    @Override
    public String roleName() {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether there is a session with the cluster now. Any thread.
     *
     * @return true when connected.
     */
    public boolean isConnected() {
        throw new UnsupportedOperationException();
    }

    /**
     * What the session is doing, in words. Any thread.
     *
     * @return one line.
     */
    public String state() {
        throw new UnsupportedOperationException();
    }

    /** Leaves the cluster; on the session's thread, or after it has ended. Parties that are not unregistered stay known. */
    @Override
    public void close() {}

    @Override
    public void onClose() {
        close();
    }

    /** How a session connects. */
    public static final class Context {
        private String aeronDirectoryName;
        private String ingressEndpoints;
        private String egressChannel;
        private String name = "dragon";
        private Timeouts timeouts = Timeouts.dev();
        private RunProfile runProfile = RunProfile.DEV;
        private ErrorHandler errorHandler;
        private EpochClock epochClock = SystemEpochClock.INSTANCE;
        private NanoClock nanoClock = SystemNanoClock.INSTANCE;

        /** A context with every default: IPC to a master on the same media driver. */
        public Context() {}

        /**
         * The media driver's directory.
         *
         * @param aeronDirectoryName its path.
         * @return this.
         */
        public Context aeronDirectoryName(final String aeronDirectoryName) {
            this.aeronDirectoryName = aeronDirectoryName;
            return this;
        }

        /**
         * The media driver's directory.
         *
         * @return its path.
         */
        public String aeronDirectoryName() {
            return aeronDirectoryName;
        }

        /**
         * The masters to reach over UDP; null (the default) for IPC to the one that shares our media driver.
         *
         * @param ingressEndpoints {@code 0=host:port,1=host:port}.
         * @return this.
         */
        public Context ingressEndpoints(final String ingressEndpoints) {
            this.ingressEndpoints = ingressEndpoints;
            return this;
        }

        /**
         * The masters to reach over UDP.
         *
         * @return {@code 0=host:port,1=host:port}; null for IPC.
         */
        public String ingressEndpoints() {
            return ingressEndpoints;
        }

        /**
         * Where the masters send events to over UDP: an address of this host that they can reach, port 0.
         *
         * @param egressChannel an Aeron channel; the loopback address by default.
         * @return this.
         */
        public Context egressChannel(final String egressChannel) {
            this.egressChannel = egressChannel;
            return this;
        }

        /**
         * Where the masters send events to.
         *
         * @return an Aeron channel.
         */
        public String egressChannel() {
            return egressChannel;
        }

        /**
         * What the session is called in counters and thread names.
         *
         * @param name a short name.
         * @return this.
         */
        public Context name(final String name) {
            this.name = name;
            return this;
        }

        /**
         * What the session is called in counters and thread names.
         *
         * @return a short name.
         */
        public String name() {
            return name;
        }

        /**
         * Every timeout.
         *
         * @param timeouts a profile.
         * @return this.
         */
        public Context timeouts(final Timeouts timeouts) {
            this.timeouts = timeouts;
            return this;
        }

        /**
         * Every timeout.
         *
         * @return the profile.
         */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * How it waits inside Aeron's client.
         *
         * @param runProfile the profile.
         * @return this.
         */
        public Context runProfile(final RunProfile runProfile) {
            this.runProfile = runProfile;
            return this;
        }

        /**
         * How it waits inside Aeron's client.
         *
         * @return the profile.
         */
        public RunProfile runProfile() {
            return runProfile;
        }

        /**
         * Receives what goes wrong and is mended by itself: lost connections, refused attempts.
         *
         * @param errorHandler called on the session's thread.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler errorHandler) {
            this.errorHandler = errorHandler;
            return this;
        }

        /**
         * Receives what goes wrong and is mended by itself.
         *
         * @return the handler.
         */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }

        /**
         * The clock of the time of day.
         *
         * @param epochClock the clock.
         * @return this.
         */
        public Context epochClock(final EpochClock epochClock) {
            this.epochClock = epochClock;
            return this;
        }

        /**
         * The clock of the time of day.
         *
         * @return the clock.
         */
        public EpochClock epochClock() {
            return epochClock;
        }

        /**
         * The clock of every interval.
         *
         * @param nanoClock the clock.
         * @return this.
         */
        public Context nanoClock(final NanoClock nanoClock) {
            this.nanoClock = nanoClock;
            return this;
        }

        /**
         * The clock of every interval.
         *
         * @return the clock.
         */
        public NanoClock nanoClock() {
            return nanoClock;
        }

        void conclude() {
            if (errorHandler == null) {
                errorHandler = throwable -> {};
            }
            if (egressChannel == null) {
                egressChannel = ingressEndpoints == null ? "aeron:ipc" : "aeron:udp?endpoint=localhost:0";
            }
            timeouts.conclude();
        }
    }
}
