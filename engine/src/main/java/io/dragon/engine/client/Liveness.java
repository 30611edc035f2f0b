package io.dragon.engine.client;

import io.dragon.engine.cluster.Party;
import io.dragon.engine.cluster.PartyCard;
import io.dragon.engine.config.DragonDirectory;
import io.dragon.engine.frame.LivenessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.ErrorHandler;

/** A party's proof of life for the node agent: a lock for as long as the process lives, and a card that says whose it is. */
final class Liveness implements AutoCloseable {
    private final Path file;
    private final LivenessLock lock;
    private final ErrorHandler errorHandler;

    Liveness(final DragonDirectory directory, final String name, final ErrorHandler errorHandler) {
        this.file = directory.create().partyLock(name);
        this.errorHandler = errorHandler;
        this.lock = LivenessLock.acquire(file);
    }

    void isAlive(final Party party) {
        try {
            new PartyCard(party.id(), party.incarnation()).write(file);
        } catch (final IOException ex) {
            errorHandler.onError(ex);
        }
    }

    /** The party has left in order: there is nothing to be reported. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(PartyCard.beside(file));
        } catch (final IOException ex) {
            errorHandler.onError(ex);
        }
        lock.close();
    }
}
