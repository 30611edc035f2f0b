package io.dragon.tools.analyze;

import io.dragon.engine.config.DragonException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/**
 * Finds the regular files below a folder, in the order of their names' bytes. Links are not followed unless asked, special
 * files are only counted, and what cannot be read is noted while the rest goes on.
 */
final class TreeWalk {
    private final SourceNames names;
    private final boolean followLinks;
    private final Set<Path> excluded = new TreeSet<>();
    private final BooleanSupplier stop;
    private final List<FoundFile> files = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final ArrayDeque<Folder> open = new ArrayDeque<>();
    private long bytes;
    private long links;
    private long specials;
    private long left;

    TreeWalk(
            final SourceNames names,
            final boolean followLinks,
            final Collection<Path> excluded,
            final BooleanSupplier stop) {
        this.names = names;
        this.followLinks = followLinks;
        this.stop = stop;
        excluded.forEach(path -> this.excluded.add(path.toAbsolutePath().normalize()));
    }

    /** Walks from {@code root}, which is followed when it is a link itself. */
    void walk(final Path root) {
        final BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(root, BasicFileAttributes.class);
        } catch (final IOException ex) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "Cannot read the source " + root + ": " + FileFaults.inWords(ex) + ".");
        }
        if (attributes.isRegularFile()) {
            add(root, attributes);
        } else if (!attributes.isDirectory()) {
            throw new DragonException(
                    DragonException.WRONG_USAGE, "The source " + root + " is neither a folder nor a regular file.");
        } else {
            open.push(new Folder(root, attributes.fileKey(), null));
        }
        while (!open.isEmpty() && !stop.getAsBoolean()) {
            list(open.pop());
        }
        files.sort(Comparator.comparing(file -> file.path));
    }

    private void list(final Folder folder) {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder.path)) {
            for (final Path child : children) {
                visit(child, folder);
            }
        } catch (final DirectoryIteratorException ex) {
            fault(folder.path, ex.getCause());
        } catch (final IOException ex) {
            fault(folder.path, ex);
        }
    }

    private void visit(final Path path, final Folder parent) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isSymbolicLink()) {
                if (!followLinks) {
                    links++;
                    return;
                }
                attributes = Files.readAttributes(path, BasicFileAttributes.class);
            }
            if (attributes.isDirectory()) {
                if (followLinks && parent.isOrLiesIn(attributes.fileKey())) {
                    faults.add(new Fault(names.of(path), "a link to a folder that it lies in"));
                } else {
                    open.push(new Folder(path, attributes.fileKey(), parent));
                }
            } else if (attributes.isRegularFile()) {
                add(path, attributes);
            } else {
                specials++;
            }
        } catch (final IOException ex) {
            fault(path, ex);
        }
    }

    private void add(final Path path, final BasicFileAttributes attributes) {
        if (!excluded.isEmpty() && excluded.contains(path.toAbsolutePath().normalize())) {
            left++;
            return;
        }
        files.add(new FoundFile(path, attributes));
        bytes += attributes.size();
    }

    private void fault(final Path path, final IOException ex) {
        faults.add(new Fault(names.of(path), FileFaults.inWords(ex)));
    }

    List<FoundFile> files() {
        return files;
    }

    List<Fault> faults() {
        return faults;
    }

    /** Bytes of all files. */
    long bytes() {
        return bytes;
    }

    /** Links that were not followed. */
    long links() {
        return links;
    }

    /** Pipes, sockets and devices. */
    long specials() {
        return specials;
    }

    /** Files left out because the analysis itself writes them. */
    long leftOut() {
        return left;
    }

    private record Folder(Path path, Object key, Folder parent) {
        boolean isOrLiesIn(final Object other) {
            for (Folder folder = this; folder != null; folder = folder.parent) {
                if (other != null && other.equals(folder.key)) {
                    return true;
                }
            }
            return false;
        }
    }
}
