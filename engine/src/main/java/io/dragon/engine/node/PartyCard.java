package io.dragon.engine.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Which party holds a liveness lock: a file beside it, {@code NAME.party}, with the party's id and incarnation. Beside and not
 * inside, because closing any descriptor of the lock's own file would drop the lock.
 *
 * @param partyId     the party's id.
 * @param incarnation its incarnation when it wrote this.
 */
public record PartyCard(int partyId, int incarnation) {
    /** How the name of a card ends. */
    public static final String SUFFIX = ".party";

    private static final String LOCK_SUFFIX = ".lock";
    private static final int MAX_LENGTH = 64;

    /**
     * The card beside a lock.
     *
     * @param lockFile {@code NAME.lock}.
     * @return {@code NAME.party}.
     */
    public static Path beside(final Path lockFile) {
        return lockFile.resolveSibling(exchange(lockFile, LOCK_SUFFIX, SUFFIX));
    }

    /**
     * The lock beside a card.
     *
     * @param card {@code NAME.party}.
     * @return {@code NAME.lock}.
     */
    public static Path lockBeside(final Path card) {
        return card.resolveSibling(exchange(card, SUFFIX, LOCK_SUFFIX));
    }

    /**
     * Reads a card.
     *
     * @param card its path.
     * @return what it says; null when it is gone or says nothing.
     */
    public static PartyCard read(final Path card) {
        try {
            if (Files.size(card) > MAX_LENGTH) {
                return null;
            }
            final String[] words =
                    Files.readString(card, StandardCharsets.US_ASCII).trim().split(" ");
            return words.length == 2
                    ? new PartyCard(Integer.parseUnsignedInt(words[0]), Integer.parseUnsignedInt(words[1]))
                    : null;
        } catch (final IOException | NumberFormatException ex) {
            return null;
        }
    }

    /**
     * Writes this card beside a lock that this process holds.
     *
     * @param lockFile the lock.
     * @throws IOException when it cannot be written.
     */
    public void write(final Path lockFile) throws IOException {
        final Path card = beside(lockFile);
        final Path draft = card.resolveSibling(card.getFileName() + ".draft");
        final String text = Integer.toUnsignedString(partyId) + ' ' + Integer.toUnsignedString(incarnation) + '\n';
        Files.writeString(draft, text, StandardCharsets.US_ASCII);
        try {
            Files.move(draft, card, StandardCopyOption.ATOMIC_MOVE);
        } catch (final AtomicMoveNotSupportedException ex) {
            Files.move(draft, card, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static String exchange(final Path file, final String suffix, final String other) {
        final String name = file.getFileName().toString();
        return (name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name) + other;
    }
}
