package io.dragon.engine.node;

import io.dragon.engine.cluster.ClusterSession;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;

/**
 * Tells the sequencer which processes of this host are dead, by the proof of their locks, and removes the frame pools that they
 * leave. Registers as a node, with a session of its own.
 */
public final class HostAgent implements Agent {
    private final ClusterSession session;

    /**
     * An agent that connects in its duty cycle.
     *
     * @param ctx how.
     */
    public HostAgent(final Context ctx) {
        session = new ClusterSession(ctx.session());
    }

    @Override
    public int doWork() {
        return session.doWork();
    }

    @Override
    public String roleName() {
        return "host-agent";
    }

    @Override
    public void onClose() {
        session.close();
    }

    /** How a host agent works. */
    public static final class Context {
        private Path dragonDirectory;
        private ClusterSession.Context session;
        private String name = "host";
        private Timeouts timeouts = Timeouts.dev();
        private ErrorHandler errorHandler;

        /** A context with every default. */
        public Context() {}

        /**
         * The host's Dragon directory, with pools and liveness locks.
         *
         * @param dragonDirectory its path.
         * @return this.
         */
        public Context dragonDirectory(final Path dragonDirectory) {
            this.dragonDirectory = dragonDirectory;
            return this;
        }

        /**
         * The host's Dragon directory, with pools and liveness locks.
         *
         * @return its path.
         */
        public Path dragonDirectory() {
            return dragonDirectory;
        }

        /**
         * How the agent reaches the sequencer.
         *
         * @param session its session's context.
         * @return this.
         */
        public Context session(final ClusterSession.Context session) {
            this.session = session;
            return this;
        }

        /**
         * How the agent reaches the sequencer.
         *
         * @return its session's context.
         */
        public ClusterSession.Context session() {
            return session;
        }

        /**
         * The node's name.
         *
         * @param name the name it registers with.
         * @return this.
         */
        public Context name(final String name) {
            this.name = name;
            return this;
        }

        /**
         * The node's name.
         *
         * @return the name it registers with.
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
         * @return a profile.
         */
        public Timeouts timeouts() {
            return timeouts;
        }

        /**
         * Receives what goes wrong and is tried again.
         *
         * @param errorHandler called on the agent's thread.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler errorHandler) {
            this.errorHandler = errorHandler;
            return this;
        }

        /**
         * Receives what goes wrong and is tried again.
         *
         * @return called on the agent's thread.
         */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }
    }
}
