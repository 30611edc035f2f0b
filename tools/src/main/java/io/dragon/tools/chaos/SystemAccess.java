package io.dragon.tools.chaos;

import io.dragon.engine.client.ClientContext;
import java.nio.file.Path;
import java.util.List;

/** What a chaos run needs of the commands around it. */
public interface SystemAccess {
    /**
     * How a client of a system connects.
     *
     * @param config the system's configuration.
     * @return its context, without a name.
     */
    ClientContext client(Path config);

    /**
     * The masters of this host as their own counters show them.
     *
     * @param config the system's configuration.
     * @return one for each.
     */
    List<Master> masters(Path config);

    /**
     * Whether somebody asked the run to stop.
     *
     * @return true once it should end.
     */
    boolean isStopRequested();

    /**
     * Tells a line to the user, at once.
     *
     * @param line of text.
     */
    void say(String line);

    /**
     * A master.
     *
     * @param id       its number.
     * @param role     leader, follower, candidate, or unknown.
     * @param election the state of its election; closed while it works.
     */
    record Master(int id, String role, String election) {
        /**
         * Whether it leads, as far as it knows.
         *
         * @return true for a leader that is not in an election.
         */
        public boolean isLeader() {
            return role.equals("leader") && election.equals("closed");
        }

        /**
         * Whether it does its work.
         *
         * @return true for a leader or follower that is not in an election.
         */
        public boolean isInPlace() {
            return election.equals("closed") && (role.equals("leader") || role.equals("follower"));
        }
    }
}
