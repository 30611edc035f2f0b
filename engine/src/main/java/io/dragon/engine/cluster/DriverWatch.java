package io.dragon.engine.cluster;

import io.aeron.CncFileDescriptor;
import io.dragon.codecs.control.IncidentRule;
import io.dragon.engine.config.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Whether the media driver of a directory lives, and is still the one that a client has mapped. A driver of ours holds a lock of
 * the operating system: its death is known at the next look, long before Aeron's client takes its silence for it.
 */
final class DriverWatch {
    private final Path directory;
    private final Path cncFile;
    private final Path lockFile;
    private final Timeouts timeouts;
    private boolean isLockHeld;
    private long processId = MediaDriverNode.NO_PROCESS;
    private Object fileKey;

    DriverWatch(final Path directory, final Timeouts timeouts) {
        this.directory = directory.toAbsolutePath().normalize();
        this.timeouts = timeouts;
        cncFile = this.directory.resolve(CncFileDescriptor.CNC_FILE);
        lockFile = MediaDriverNode.lockOf(this.directory);
    }

    /** Whether a driver can be used now; from then on it is the one that is watched. */
    boolean isThere() {
        final Object keyBefore = fileKey();
        if (keyBefore == null || !MediaDriverNode.isActive(directory, timeouts)) {
            return false;
        }
        processId = MediaDriverNode.processId(directory, timeouts.ms(Timeouts.Key.DRIVER));
        isLockHeld = DirectoryLock.isHeld(lockFile);
        fileKey = keyBefore;
        return true;
    }

    /** Why {@link #isThere()} was false, in words. */
    String absence() {
        return DirectoryLock.isHeld(lockFile)
                ? "the media driver in " + directory + " does not answer"
                : "no media driver runs in " + directory;
    }

    /** Why the watched driver is none any more; null while it lives, though it may be stopped. */
    Loss loss() {
        final Object key = fileKey();
        if (key != null && !key.equals(fileKey)) {
            return Loss.REPLACED;
        }
        if (isLockHeld ? DirectoryLock.isHeld(lockFile) : MediaDriverNode.isAlive(processId)) {
            return null;
        }
        return key == null ? Loss.STOPPED : Loss.DIED;
    }

    /** Which file is there: a driver that is started again makes a new one, and the old one stays as long as it is mapped. */
    private Object fileKey() {
        try {
            return Files.readAttributes(cncFile, BasicFileAttributes.class).fileKey();
        } catch (final IOException ex) {
            return null;
        }
    }

    /** How a driver was lost, in words and as the rule of its incident. */
    enum Loss {
        DIED("the media driver died", IncidentRule.LOCK_IS_FREE),
        STOPPED("the media driver was stopped", IncidentRule.LOCK_IS_FREE),
        REPLACED("the media driver was started again", IncidentRule.LOCK_IS_FREE),
        SILENT("the media driver fell silent", IncidentRule.DRIVER_TIMEOUT);

        private final String text;
        private final IncidentRule rule;

        Loss(final String text, final IncidentRule rule) {
            this.text = text;
            this.rule = rule;
        }

        String text() {
            return text;
        }

        IncidentRule rule() {
            return rule;
        }
    }
}
