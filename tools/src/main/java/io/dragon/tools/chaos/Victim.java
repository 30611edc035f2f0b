package io.dragon.tools.chaos;

import java.util.List;

/**
 * What a fault befalls, found when it strikes.
 *
 * @param part        the process.
 * @param member      number of the master; -1 for others.
 * @param partyNames  names by which the system knows it.
 * @param workerId    party id of the worker; 0 for others.
 * @param firstCamera index of its first camera; -1 for others.
 */
record Victim(Strikable part, int member, List<String> partyNames, int workerId, int firstCamera) {
    static Victim master(final Strikable part, final int member) {
        return new Victim(part, member, List.of("member-" + member), 0, -1);
    }

    static Victim worker(final Strikable part, final String name, final int workerId) {
        return new Victim(part, -1, List.of(name), workerId, -1);
    }

    static Victim publisher(final Strikable part, final int firstCamera, final List<String> cameras) {
        return new Victim(part, -1, cameras, 0, firstCamera);
    }

    static Victim other(final Strikable part, final String partyName) {
        return new Victim(part, -1, List.of(partyName), 0, -1);
    }

    boolean hasCamera(final int camera) {
        return firstCamera >= 0 && camera >= firstCamera && camera < firstCamera + ChaosSettings.CAMERAS_PER_PUBLISHER;
    }
}
