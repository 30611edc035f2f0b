package io.dragon.engine.cluster;

import io.dragon.engine.config.RunProfile;
import io.dragon.engine.config.Timeouts;
import java.nio.file.Path;
import org.agrona.ErrorHandler;

/** The host's media driver. */
public final class MediaDriverNode implements AutoCloseable {
    private MediaDriverNode() {}

    /**
     * Starts a media driver.
     *
     * @param ctx how.
     * @return the running driver.
     */
    public static MediaDriverNode launch(final Context ctx) {
        throw new UnsupportedOperationException();
    }

    /**
     * Where its clients find it.
     *
     * @return the directory's path.
     */
    public String aeronDirectoryName() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    /** How a media driver runs. */
    public static final class Context {
        private Path directory;
        private RunProfile runProfile = RunProfile.DEV;
        private Timeouts timeouts = Timeouts.dev();
        private ErrorHandler errorHandler;

        /** A context with every default. */
        public Context() {}

        /**
         * The directory it makes and owns; its parent must exist or can be made.
         *
         * @param directory a path on a tmpfs.
         * @return this.
         */
        public Context directory(final Path directory) {
            this.directory = directory;
            return this;
        }

        /**
         * The directory it makes and owns.
         *
         * @return its path.
         */
        public Path directory() {
            return directory;
        }

        /**
         * Its threads and how they idle.
         *
         * @param runProfile the profile.
         * @return this.
         */
        public Context runProfile(final RunProfile runProfile) {
            this.runProfile = runProfile;
            return this;
        }

        /**
         * Its threads and how they idle.
         *
         * @return the profile.
         */
        public RunProfile runProfile() {
            return runProfile;
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
         * Receives errors of the driver, which goes on.
         *
         * @param errorHandler called on the driver's threads.
         * @return this.
         */
        public Context errorHandler(final ErrorHandler errorHandler) {
            this.errorHandler = errorHandler;
            return this;
        }

        /**
         * Receives errors of the driver.
         *
         * @return the handler.
         */
        public ErrorHandler errorHandler() {
            return errorHandler;
        }
    }
}
