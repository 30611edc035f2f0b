package io.dragon.engine.config;

/** One sentence for people about each timeout. */
final class TimeoutWords {
    private TimeoutWords() {}

    static String of(final Timeouts.Key key) {
        return switch (key.name()) {
            case "LEADER_HEARTBEAT_TIMEOUT" -> "A master that has not heard the leader for so long starts an election.";
            case "LEADER_HEARTBEAT_INTERVAL" -> "How often the leader says that it lives.";
            case "ELECTION_TIMEOUT" -> "How long a candidate waits for votes.";
            case "ELECTION_STATUS_INTERVAL" -> "How often masters tell their state during an election.";
            case "STARTUP_CANVASS" -> "How long the first start waits for masters that are not there.";
            case "CLUSTER_SESSION" -> "A session with the masters that is silent for so long is closed.";
            case "TERMINATION" -> "How long an orderly end of the masters may take.";
            case "CLIENT_LIVENESS" -> "A process silent for so long is dead to the media driver.";
            case "DRIVER" -> "A media driver silent for so long is dead to its processes.";
            case "DRIVER_TIMER_INTERVAL" -> "How often the media driver looks at its timers.";
            case "DRIVER_KEEP_ALIVE" -> "How often a process tells the media driver that it lives.";
            case "IMAGE_LIVENESS" -> "A stream without packets for so long is gone.";
            case "PUBLICATION_CONNECTION" -> "A UDP stream that nobody acknowledges for so long is not connected.";
            case "PUBLICATION_UNBLOCK" -> "A message that was begun and never finished is skipped after so long.";
            case "PUBLICATION_LINGER" -> "How long a closed UDP stream still answers reports of loss.";
            case "CONNECT" -> "How long one attempt to reach the masters may take.";
            case "SESSION_KEEP_ALIVE" -> "How often an idle session with the masters says that it lives.";
            case "SESSION_PROBE" -> "How often a silent session asks the masters whether they live.";
            case "SESSION_SILENCE" -> "A session that hears nothing for so long is given up and made anew.";
            case "PARTY_HEARTBEAT" -> "How often workers, clients, cameras and nodes send a heartbeat.";
            case "EVENT_ACKNOWLEDGE" -> "An event is acknowledged after so long at the latest.";
            case "COMMAND_RESEND" -> "A command that is not acknowledged is sent again after so long.";
            case "COMMAND_RESEND_MAX" -> "The longest wait between two sends of a command.";
            case "REGISTER_RETRY" -> "A registration that is not answered is sent again after so long.";
            case "RESUME_RETRY" -> "A request for missed events is sent again after so long.";
            case "QUERY" -> "How long an answer to a question is waited for.";
            case "SESSION_LINGER" -> "How long a closing session waits for acknowledgements.";
            case "RECONNECT_OFFLINE" -> "After attempts at 0, 1, 2, 4 and 8 s a lost connection is tried once in so long.";
            case "WORKER" -> "A worker without a heartbeat for so long is dead.";
            case "NODE" -> "A node without a heartbeat for so long is dead.";
            case "CLIENT" -> "A client silent for so long has its tasks cancelled.";
            case "TICK" -> "How exactly deadlines are kept.";
            case "EVENT_LAG" -> "An event that is not acknowledged for so long is sent again.";
            case "HANG_KILL_AFTER" -> "A worker that hangs for so long is killed.";
            case "TASK_FLOOR" -> "A task may run for at least so long.";
            case "LOCK_PROBE" -> "How often the locks of local processes are probed: a dead one is noticed within this.";
            case "POOL_SWEEP" -> "How often pools without an owner are looked for.";
            case "FETCH_REPEAT" -> "A frame of another host that has not come is asked for again after so long.";
            case "FETCH_AGENT" -> "A program waits for so long for a node agent on its host, when it needs a frame of another host.";
            case "FETCH" -> "A program gives a frame of another host up so long after it asked for it; the wait behind other frames counts.";
            case "RESTART_RETRY" -> "How long a restarted master waits for what a killed one left.";
            case "SNAPSHOT" -> "How long a snapshot may take.";
            default -> throw new IllegalStateException("no sentence about the timeout " + key.name());
        };
    }
}
