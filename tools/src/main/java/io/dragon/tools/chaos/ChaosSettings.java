package io.dragon.tools.chaos;

import java.util.List;

/**
 * What a chaos run does.
 *
 * @param shortForm   whether only what fits into about three minutes.
 * @param only        labels, or beginnings of labels, of the faults to run; empty for all.
 * @param repeat      how often each fault.
 * @param soakSeconds length of a run of faults drawn at random; 0 for each fault in turn.
 * @param calmSeconds length of the time without a fault.
 * @param seed        of what is drawn at random.
 * @param hosts       number of hosts; 0 for everything on this one.
 * @param masters     1, 3 or 5.
 * @param workers     number of workers, of each host that has some.
 * @param publishers  processes of two cameras each.
 * @param rate        tasks a second.
 * @param holdMillis  how long a task holds its worker.
 * @param fps         steps of the cameras a second.
 * @param profile     the timing of the masters: ci or ha.
 * @param keepsLogs   whether the logs of the processes stay.
 * @param slack       how many times its mark the answer to a fault between hosts may take.
 */
public record ChaosSettings(
        boolean shortForm,
        List<String> only,
        int repeat,
        long soakSeconds,
        int calmSeconds,
        long seed,
        int hosts,
        int masters,
        int workers,
        int publishers,
        int rate,
        int holdMillis,
        int fps,
        String profile,
        boolean keepsLogs,
        int slack) {

    /** Cameras of one process. */
    static final int CAMERAS_PER_PUBLISHER = 2;

    int cameras() {
        return publishers * CAMERAS_PER_PUBLISHER;
    }
}
