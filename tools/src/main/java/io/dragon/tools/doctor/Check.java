package io.dragon.tools.doctor;

import java.util.List;

/** One thing to look at. */
interface Check {
    /** The name in front of its lines. */
    String name();

    /**
     * Looks. What cannot be told is said, too; it never throws for what a host is like.
     *
     * @param host  what there is.
     * @param needs what the configuration asks for.
     * @return at least one line.
     */
    List<Finding> look(Host host, Needs needs);
}
