package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;
import io.dragon.engine.config.FileErrors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What an analysis has done so far, beside its manifest, so that another run can go on where it was interrupted. Lines are only ever appended, each
 * with a checksum (see {@link JournalLine}):
 *
 * <pre>
 *   dragon-analyze-journal {"version":1,"source":"data",...}              the head
 *   +8JLAy...                                                             hashes of blocks, Base64, as many lines as it takes
 *   3b5f...  12582913 1700000000123456789 1 4194304  data/large           the file whose they are: digest, size, ns of change,
 *   af13...  17 1700000000000000000 0 0  data/small                       blocks of zeros and their bytes, name as b3sum escapes it
 * </pre>
 *
 * <p>The hash of a file of one block is that of the block. The file is locked as long as it is open. Used by the thread of the analysis.
 */
public final class Journal implements AutoCloseable {
    /** A file changed so shortly before a run may change again within the same tick of its file system's clock: it is not noted. */
    private static final long SETTLED_MS = 2000;

    private static final long WRITE_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long FORCE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int MAX_PENDING = 1 << 18;
    private static final int HASHES_PER_LINE = 96;
    private static final int HASH_LENGTH = Hex.LENGTH / 2;

    private final Path file;
    private final FileChannel channel;
    private final Consumer<String> say;
    private final long settledBeforeNs = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - SETTLED_MS);
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private JournalReader earlier;
    private String earlierDate;
    private SourceNames names;
    private long files;
    private long filesWritten;
    private long writtenNs = System.nanoTime();
    private long forcedNs = writtenNs;
    private boolean isForced = true;
    private boolean isBroken;

    private Journal(final Path file, final FileChannel channel, final Consumer<String> say) {
        this.file = file;
        this.channel = channel;
        this.say = say;
    }

    /**
     * Where the journal of a manifest lies.
     *
     * @param manifest file.
     * @return the file beside it.
     */
    public static Path beside(final Path manifest) {
        return manifest.resolveSibling(manifest.getFileName() + ".journal");
    }

    /**
     * Opens the journal of an analysis.
     *
     * @param ctx      the analysis, all but its journal.
     * @param manifest that it will write.
     * @param resume   whether to go on where an earlier run was interrupted, if one was.
     * @param say      who tells the user what befalls the journal.
     * @return to be closed.
     * @throws DragonException when an earlier run was interrupted and it is not to be resumed, or was begun with other options; when another one
     *                         is under way; when the file is something else.
     */
    public static Journal open(
            final Analysis.Context ctx, final Path manifest, final boolean resume, final Consumer<String> say) {
        final Path file = beside(manifest);
        try {
            final JournalHead head = JournalHead.of(ctx);
            final FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                requireLock(channel, file);
                final Journal journal = new Journal(file, channel, say);
                journal.begin(head, resume);
                return journal;
            } catch (final IOException | RuntimeException ex) {
                channel.close();
                throw ex;
            }
        } catch (final IOException ex) {
            throw new DragonException("Cannot use the journal " + file + ": " + FileErrors.inWords(ex) + ".");
        }
    }

    private static void requireLock(final FileChannel channel, final Path file) {
        try {
            if (channel.tryLock() != null) {
                return;
            }
        } catch (final OverlappingFileLockException ex) {
            // below
        } catch (final IOException ex) {
            return; // a file system without locks
        }
        throw new DragonException("Another analysis is writing this manifest now: it has the journal " + file + ".");
    }

    private void begin(final JournalHead head, final boolean resume) throws IOException {
        final JournalReader reader = new JournalReader(channel, file);
        final JournalHead found = reader.head();
        if (found != null && resume) {
            found.requireFits(file, head);
            earlier = reader;
            earlierDate = found.date();
            return;
        }
        long done = 0;
        while (found != null && reader.next()) {
            done++;
        }
        if (done > 0) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "A run of " + found.date() + " was interrupted after " + files(done)
                            + ": --resume goes on with it, or delete " + file + " to begin anew.");
        }
        truncate(0);
        pending.writeBytes(JournalLine.bytes(head.line()));
        write();
        force();
    }

    /** Takes what an earlier run has done out of the work; once, behind the walk. */
    void restore(final TreeWalk walk, final SourceNames sourceNames, final int blockLength, final Tally tally) {
        names = sourceNames;
        if (earlier == null) {
            return;
        }
        final Map<String, FoundFile> found = new HashMap<>(walk.files().size() * 2);
        for (final FoundFile one : walk.files()) {
            final String name = names.of(one.path);
            if (!SourceNames.isLossy(name)) { // several may look the same
                found.put(name, one);
            }
        }
        try {
            while (earlier.next()) {
                final FoundFile one = found.get(earlier.name());
                if (one != null && earlier.restore(one, blockLength, tally)) {
                    files++;
                }
            }
            truncate(earlier.goodEnd());
        } catch (final IOException ex) {
            throw new DragonException("Cannot read the journal " + file + ": " + FileErrors.inWords(ex) + ".");
        }
        filesWritten = files;
        earlier = null;
        say.accept(files(files) + " that the interrupted run of " + earlierDate + " hashed "
                + (files == 1 ? "is as it was and is" : "are as they were and are") + " not read again.");
    }

    private void truncate(final long length) throws IOException {
        if (channel.size() > length) {
            channel.truncate(length);
        }
        channel.position(length);
    }

    /**
     * Notes a file that is done.
     *
     * @param done        with its digest.
     * @param blockHashes of its blocks where it has several, 32 bytes each; otherwise null.
     */
    void add(final FoundFile done, final byte[] blockHashes) {
        if (isBroken || done.modifiedNs > settledBeforeNs) {
            return;
        }
        final String name = names.of(done.path);
        if (SourceNames.isLossy(name)) {
            return;
        }
        final int length = blockHashes == null ? 0 : blockHashes.length;
        for (int i = 0; i < length; i += HASHES_PER_LINE * HASH_LENGTH) {
            final byte[] some = Arrays.copyOfRange(blockHashes, i, Math.min(length, i + HASHES_PER_LINE * HASH_LENGTH));
            append("+" + Base64.getEncoder().encodeToString(some));
        }
        final boolean isEscaped = Manifest.needsEscape(name);
        append((isEscaped ? "\\" : "") + Hex.of(done) + "  " + done.size + " " + done.modifiedNs + " " + done.zeroBlocks
                + " " + done.zeroBytes + "  " + (isEscaped ? Manifest.escaped(name) : name));
        files++;
    }

    private void append(final String text) {
        pending.writeBytes(JournalLine.bytes(text));
        if (pending.size() >= MAX_PENDING) {
            write();
        }
    }

    /** Brings to the file, and now and then to the disk, what is due. Call it often. */
    void poll(final long nowNs) {
        if (pending.size() > 0 && nowNs - writtenNs >= WRITE_NS) {
            write();
            writtenNs = nowNs;
        }
        if (!isForced && nowNs - forcedNs >= FORCE_NS) {
            force();
            forcedNs = System.nanoTime();
        }
    }

    private void write() {
        if (isBroken) {
            pending.reset();
            return;
        }
        final ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
        pending.reset();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            filesWritten = files;
            isForced = false;
        } catch (final IOException ex) {
            giveUp(ex);
        }
    }

    private void force() {
        try {
            if (!isBroken) {
                channel.force(false);
                isForced = true;
            }
        } catch (final IOException ex) {
            giveUp(ex);
        }
    }

    /** The analysis is worth more than its journal. What stands in it stays good: a torn line is not read. */
    private void giveUp(final IOException ex) {
        isBroken = true;
        say.accept("Cannot write the journal " + file + ": " + FileErrors.inWords(ex)
                + "; the analysis goes on, and what it does from now on is done again if it is interrupted.");
    }

    /** The analysis has come to its end and what it found is written: the journal goes. */
    public void delete() {
        try {
            Files.deleteIfExists(file); // before it is closed, so that no other run finds it unlocked
        } catch (final IOException ex) {
            say.accept("Cannot delete the journal " + file + ": " + FileErrors.inWords(ex) + "; delete it by hand.");
        }
        closeChannel();
    }

    /** Writes what is done, and says how to go on; nothing after {@link #delete}. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        if (earlier != null) { // not even looked at
            closeChannel();
            return;
        }
        if (pending.size() > 0) {
            write();
        }
        force();
        if (filesWritten == 0) {
            delete();
            return;
        }
        closeChannel();
        say.accept(files(filesWritten) + (filesWritten == 1 ? " is" : " are") + " done and noted in " + file
                + ": the same command with --resume goes on from there.");
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (final IOException ex) {
            say.accept("Cannot close the journal " + file + ": " + FileErrors.inWords(ex) + ".");
        }
    }

    private static String files(final long count) {
        return count == 1 ? "1 file" : count + " files";
    }
}
