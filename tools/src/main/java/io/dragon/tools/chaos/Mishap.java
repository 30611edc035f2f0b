package io.dragon.tools.chaos;

/** Something that a run lets happen to a cluster, one line of its report. */
interface Mishap {
    /** As options and tables write it. */
    String label();

    /** What happens, in words of at most 40 characters. */
    String words();

    /** Whether an election of a leader while it lasts is a fault of the system. */
    default boolean isCalm() {
        return false;
    }
}
