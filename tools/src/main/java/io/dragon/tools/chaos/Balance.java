package io.dragon.tools.chaos;

/**
 * What was delivered, held against what the sequencer says. It says so at some moment between two counts of what was delivered: only what had
 * come before can be held against what it says has ended.
 *
 * @param before    results delivered before it was asked.
 * @param submitted tasks that it has taken.
 * @param ended     tasks that it has ended.
 * @param after     results delivered when it had answered.
 */
record Balance(long before, long submitted, long ended, long after) {
    /** Results that came more than once. */
    long doubled() {
        return Math.max(0, before - ended);
    }

    /** Tasks taken of which nothing was heard; -1 while results come. */
    long missing() {
        return before == after ? submitted - after : -1;
    }
}
