package io.dragon.engine.sequencer;

/** What a simulation counts: the faults it injected, and what came of them. A run that lacks one of them proves too little. */
enum Covered {
    RESULTS("results"),
    JOB_RESULTS("results of jobs"),
    RETRIED("retries"),
    REASSIGNED("reassignments"),
    SPLITS("splits"),
    IGNORED("reports ignored"),
    CANCELLED("cancelled"),
    EXPIRED("expired"),
    REFUSED("commands refused"),
    ELECTIONS("elections"),
    LEADERS_KILLED("leaders killed"),
    LEADERS_CUT_OFF("leaders cut off"),
    HANDOVERS("handovers"),
    FOLLOWERS_KILLED("followers killed"),
    FOLLOWERS_CUT_OFF("followers cut off"),
    MEMBERS_WIPED("members that lost their disk"),
    MASTERS_AWAY("masters away"),
    VANISHED("commands that vanished with a leader"),
    SNAPSHOTS("snapshots"),
    RESTORED("starts from a snapshot"),
    RELOADED("reloads in between"),
    REPLAYED("log entries replayed"),
    SETTINGS_CHANGED("changes of settings"),
    COMMANDS_LOST("commands lost on their way"),
    COMMANDS_TWICE("commands taken before"),
    EVENTS_LOST("events lost"),
    RESUMES("resumes"),
    SESSIONS_CLOSED("sessions closed"),
    RECONNECTS("reconnects"),
    DEATHS("processes killed"),
    STRAGGLERS("commands of the dead"),
    STOPS("processes stopped and continued"),
    LEAVES("parties that left"),
    HANGS("hangs"),
    SLOW("slow workers"),
    BURSTS("bursts of failures"),
    TWICE_REPORTED("reported twice"),
    LATE_REPORTED("reported late"),
    OUT_OF_MEMORY("out of memory"),
    FENCED("fenced"),
    DEATHS_PROVED("deaths proved"),
    SILENT("given up for silence"),
    POOLS_ORPHANED("pools of the dead"),
    HOSTS_VANISHED("hosts vanished"),
    INPUTS_LOST("inputs lost"),
    CAMERAS_ALLOCATED("cameras allocated");

    final String words;

    Covered(final String words) {
        this.words = words;
    }
}
