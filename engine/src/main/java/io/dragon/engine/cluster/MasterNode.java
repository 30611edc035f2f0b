package io.dragon.engine.cluster;

import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import java.util.List;
import org.agrona.ErrorHandler;

/** A member of the masters: media driver (its own or the host's), archive, consensus module, sequencer, host agent. */
public final class MasterNode implements AutoCloseable {
    private MasterNode() {}

    /**
     * Starts a master.
     *
     * @param ctx how.
     * @return the running master.
     * @throws io.dragon.engine.config.DragonException in one sentence, when it cannot start.
     */
    public static MasterNode launch(final Context ctx) {
        throw new UnsupportedOperationException();
    }

    /**
     * The directory of the media driver it runs on: clients on this driver reach a single master by IPC.
     *
     * @return the directory's path.
     */
    public String aeronDirectoryName() {
        throw new UnsupportedOperationException();
    }

    /**
     * Where clients without that driver reach the masters.
     *
     * @return {@code 0=host:port,1=host:port}, as {@link ClusterSession.Context#ingressEndpoints(String)} takes it.
     */
    public String ingressEndpoints() {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether this member leads.
     *
     * @return true for the leader.
     */
    public boolean isLeader() {
        throw new UnsupportedOperationException();
    }

    /**
     * Asks for a snapshot of the sequencer; only the leader takes one.
     *
     * @return false when one cannot be taken now: this member does not lead, or another one is being taken.
     */
    public boolean requestSnapshot() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    /** How a master runs. */
    public static final class Context {
        private Path directory;
        private Path dragonDirectory;
        private String aeronDirectoryName;
        private int memberId = 0;
        private List<String> members = List.of("localhost");
        private int basePort = 9900;
        private Timeouts timeouts = Timeouts.dev();
        private RunProfile runProfile = RunProfile.DEV;
        private int fileSyncLevel = 0;
        private int maxSessions = 1_024;
        private int logTermLength = 8 * 1_024 * 1_024;
        private long snapshotLogBytes = 256L * 1_024 * 1_024;
        private boolean deleteOnStart = false;
        private ErrorHandler errorHandler;
        private Runnable terminationHook;

        /** A context with every default: one member on this host. */
        public Context() {}

        /**
         * Where the log, its snapshots and the state of elections lie; survives restarts.
         *
         * @param directory a path.
         * @return this.
         */
        public Context directory(final Path directory) {
            this.directory = directory;
            return this;
        }

        /**
         * Where the log, its snapshots and the state of elections lie; survives restarts.
         *
         * @return a path.
         */
        public Path directory() {
            return directory;
        }

        /**
         * The host's shared directory with pools and liveness locks; null: this master runs no host agent.
         *
         * @param dragonDirectory a path.
         * @return this.
         */
        public Context dragonDirectory(final Path dragonDirectory) {
            this.dragonDirectory = dragonDirectory;
            return this;
        }

        /**
         * The host's shared directory with pools and liveness locks; null: this master runs no host agent.
         *
         * @return a path.
         */
        public Path dragonDirectory() {
            return dragonDirectory;
        }

        /**
         * The directory of the host's media driver, when the master uses that one; null: it runs its own.
         *
         * @param aeronDirectoryName a path, or null.
         * @return this.
         */
        public Context aeronDirectoryName(final String aeronDirectoryName) {
            this.aeronDirectoryName = aeronDirectoryName;
            return this;
        }

        /**
         * The directory of the host's media driver, when the master uses that one; null: it runs its own.
         *
         * @return a path, or null.
         */
        public String aeronDirectoryName() {
            return aeronDirectoryName;
        }

        /**
         * Which of the members this is.
         *
         * @param memberId an index into the members.
         * @return this.
         */
        public Context memberId(final int memberId) {
            this.memberId = memberId;
            return this;
        }

        /**
         * Which of the members this is.
         *
         * @return an index into the members.
         */
        public int memberId() {
            return memberId;
        }

        /**
         * Host names or addresses of every member, in the order of their ids.
         *
         * @param members one, three or five.
         * @return this.
         */
        public Context members(final List<String> members) {
            this.members = members;
            return this;
        }

        /**
         * Host names or addresses of every member, in the order of their ids.
         *
         * @return one, three or five.
         */
        public List<String> members() {
            return members;
        }

        /**
         * The first port of member 0; member n has five ports from basePort + 10 n.
         *
         * @param basePort a UDP port.
         * @return this.
         */
        public Context basePort(final int basePort) {
            this.basePort = basePort;
            return this;
        }

        /**
         * The first port of member 0; member n has five ports from basePort + 10 n.
         *
         * @return a UDP port.
         */
        public int basePort() {
            return basePort;
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
         * @return a profile.
         */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * How its threads idle.
         *
         * @param runProfile the profile.
         * @return this.
         */
        public Context runProfile(final RunProfile runProfile) {
            this.runProfile = runProfile;
            return this;
        }

        /**
         * How its threads idle.
         *
         * @return the profile.
         */
        public RunProfile runProfile() {
            return runProfile;
        }

        /**
         * 0: the log survives the death of processes; 1: of machines; 2: also its metadata.
         *
         * @param fileSyncLevel 0, 1 or 2.
         * @return this.
         */
        public Context fileSyncLevel(final int fileSyncLevel) {
            this.fileSyncLevel = fileSyncLevel;
            return this;
        }

        /**
         * 0: the log survives the death of processes; 1: of machines; 2: also its metadata.
         *
         * @return 0, 1 or 2.
         */
        public int fileSyncLevel() {
            return fileSyncLevel;
        }

        /**
         * How many processes may talk to the cluster at a time.
         *
         * @param maxSessions 1 or more.
         * @return this.
         */
        public Context maxSessions(final int maxSessions) {
            this.maxSessions = maxSessions;
            return this;
        }

        /**
         * How many processes may talk to the cluster at a time.
         *
         * @return 1 or more.
         */
        public int maxSessions() {
            return maxSessions;
        }

        /**
         * Length of a term of the log; a log buffer has three.
         *
         * @param logTermLength bytes, a power of two of at least 64 KiB.
         * @return this.
         */
        public Context logTermLength(final int logTermLength) {
            this.logTermLength = logTermLength;
            return this;
        }

        /**
         * Length of a term of the log; a log buffer has three.
         *
         * @return bytes, a power of two of at least 64 KiB.
         */
        public int logTermLength() {
            return logTermLength;
        }

        /**
         * A snapshot is taken after so much log, or after the snapshot interval, whichever comes first.
         *
         * @param snapshotLogBytes bytes.
         * @return this.
         */
        public Context snapshotLogBytes(final long snapshotLogBytes) {
            this.snapshotLogBytes = snapshotLogBytes;
            return this;
        }

        /**
         * A snapshot is taken after so much log, or after the snapshot interval, whichever comes first.
         *
         * @return bytes.
         */
        public long snapshotLogBytes() {
            return snapshotLogBytes;
        }

        /**
         * Whether what an earlier run left is deleted; for tests and throw-away runs.
         *
         * @param deleteOnStart true to start empty.
         * @return this.
         */
        public Context deleteOnStart(final boolean deleteOnStart) {
            this.deleteOnStart = deleteOnStart;
            return this;
        }

        /**
         * Whether what an earlier run left is deleted; for tests and throw-away runs.
         *
         * @return true to start empty.
         */
        public boolean deleteOnStart() {
            return deleteOnStart;
        }

        /**
         * Receives errors that the master survives; they are also counted in Aeron's distinct error logs.
         *
         * @param errorHandler called on the master's threads.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler errorHandler) {
            this.errorHandler = errorHandler;
            return this;
        }

        /**
         * Receives errors that the master survives; they are also counted in Aeron's distinct error logs.
         *
         * @return called on the master's threads.
         */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }

        /**
         * Called once when the master cannot go on, for its process to exit and be started again.
         *
         * @param terminationHook called on one of the master's threads; must not close the master there.
         * @return this.
         */
        public Context terminationHook(final Runnable terminationHook) {
            this.terminationHook = terminationHook;
            return this;
        }

        /**
         * Called once when the master cannot go on, for its process to exit and be started again.
         *
         * @return called on one of the master's threads; must not close the master there.
         */
        public Runnable terminationHook() {
            return terminationHook;
        }
    }
}
