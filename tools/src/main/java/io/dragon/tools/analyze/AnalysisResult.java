package io.dragon.tools.analyze;

import io.dragon.tools.analyze.Analysis.WorkerShare;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an analysis found. */
public final class AnalysisResult {
    private static final Comparator<FoundFile> BY_DIGEST = Comparator.<FoundFile>comparingLong(file -> file.d0)
            .thenComparingLong(file -> file.d1)
            .thenComparingLong(file -> file.d2)
            .thenComparingLong(file -> file.d3)
            .thenComparing(file -> file.path);

    private final Analysis.Context ctx;
    private final TreeWalk walk;
    private final SourceNames names;
    private final Tally tally;
    private final List<WorkerShare> workers;
    private final long elapsedNs;
    private final List<FoundFile> hashed = new ArrayList<>();
    private final List<Fault> faults;
    private final List<List<FoundFile>> copies = new ArrayList<>();
    private long lossyNames;
    private long emptyFiles;
    private long duplicateFiles;

    AnalysisResult(
            final Analysis.Context ctx,
            final TreeWalk walk,
            final SourceNames names,
            final Tally tally,
            final List<WorkerShare> workers,
            final long elapsedNs) {
        this.ctx = ctx;
        this.walk = walk;
        this.names = names;
        this.tally = tally;
        this.workers = workers;
        this.elapsedNs = elapsedNs;
        faults = new ArrayList<>(walk.faults());
        for (final FoundFile file : walk.files()) {
            if (file.isHashed()) {
                hashed.add(file);
                emptyFiles += file.size == 0 ? 1 : 0;
                lossyNames += SourceNames.isLossy(names.of(file.path)) ? 1 : 0;
            } else {
                faults.add(new Fault(names.of(file.path), file.fault() == null ? "was not hashed" : file.fault()));
            }
        }
        faults.sort(Comparator.comparing(Fault::path));
        findCopies();
    }

    private void findCopies() {
        final List<FoundFile> sorted = new ArrayList<>(hashed);
        sorted.sort(BY_DIGEST);
        for (int first = 0, end; first < sorted.size(); first = end) {
            end = first + 1;
            while (end < sorted.size() && sorted.get(end).hasDigestOf(sorted.get(first))) {
                end++;
            }
            duplicateFiles += end - first - 1;
            if (end - first > 1 && sorted.get(first).size > 0) {
                copies.add(List.copyOf(sorted.subList(first, end)));
            }
        }
        copies.sort(
                Comparator.comparingLong(AnalysisResult::wasted).reversed().thenComparing(group -> group.get(0).path));
    }

    static long wasted(final List<FoundFile> group) {
        return (group.size() - 1L) * group.get(0).size;
    }

    /**
     * Files that were hashed.
     *
     * @return their number.
     */
    public long files() {
        return hashed.size();
    }

    /**
     * Bytes that were hashed.
     *
     * @return their number.
     */
    public long bytes() {
        return tally.bytes();
    }

    /**
     * What could not be read, and why; also files that changed meanwhile.
     *
     * @return in the order of their names; empty when all went well.
     */
    public List<Fault> faults() {
        return faults;
    }

    /**
     * Files whose names are not valid UTF-8: {@code b3sum --check} cannot find them by their line.
     *
     * @return their number.
     */
    public long lossyNames() {
        return lossyNames;
    }

    /**
     * Files that an interrupted run had hashed and this one did not read.
     *
     * @return their number; they are among {@link #files}.
     */
    public long resumedFiles() {
        return tally.restoredFiles();
    }

    /**
     * Bytes of {@link #resumedFiles}.
     *
     * @return their number; they are among {@link #bytes}.
     */
    public long resumedBytes() {
        return tally.restoredBytes();
    }

    /**
     * How long it took, walk included; this run alone.
     *
     * @return seconds.
     */
    public double seconds() {
        return elapsedNs / 1e9;
    }

    /**
     * How fast it was, without what an interrupted run had done before.
     *
     * @return 10^9 bytes a second.
     */
    public double gigabytesPerSecond() {
        return elapsedNs == 0 ? 0 : (double) (tally.bytes() - tally.restoredBytes()) / elapsedNs;
    }

    /**
     * The result as the command line's contract lists it, and a few numbers more.
     *
     * @return to be written as JSON.
     */
    public Map<String, Object> json() {
        final Map<String, Object> json = new LinkedHashMap<>();
        json.put("source", ctx.typedSource());
        json.put("hash", ctx.algorithm().words());
        json.put("blockBytes", ctx.blockLength());
        json.put("files", files());
        json.put("bytes", tally.bytes());
        json.put("blocks", tally.blocks());
        json.put("uniqueBlocks", tally.uniqueBlocks());
        json.put("duplicateBlocks", tally.duplicateBlocks());
        json.put("duplicateBytes", tally.duplicateBytes());
        json.put("duplicateFiles", duplicateFiles);
        json.put("zeroBlocks", tally.zeroBlocks());
        json.put("zeroBytes", tally.zeroBytes());
        json.put("emptyFiles", emptyFiles);
        json.put("linksNotFollowed", walk.links());
        json.put("specialFiles", walk.specials());
        json.put("namesNotUtf8", lossyNames);
        json.put("unreadable", faults);
        json.put("seconds", seconds());
        json.put("gigabytesPerSecond", gigabytesPerSecond());
        json.put("workers", workersJson());
        if (resumedFiles() > 0) {
            final Map<String, Object> resumed = new LinkedHashMap<>();
            resumed.put("files", resumedFiles());
            resumed.put("bytes", resumedBytes());
            resumed.put("blocks", tally.restoredBlocks());
            json.put("resumed", resumed);
        }
        return json;
    }

    private List<Map<String, Object>> workersJson() {
        final List<Map<String, Object>> list = new ArrayList<>();
        for (final WorkerShare worker : workers) {
            final Map<String, Object> json = new LinkedHashMap<>();
            json.put("id", worker.id());
            json.put("device", worker.device());
            json.put("blocks", worker.blocks());
            json.put("bytes", worker.bytes());
            json.put("gigabytesPerSecond", worker.busyNs() == 0 ? 0.0 : (double) worker.bytes() / worker.busyNs());
            list.add(json);
        }
        return list;
    }

    /**
     * What each worker did.
     *
     * @return one share a worker.
     */
    public List<WorkerShare> workers() {
        return workers;
    }

    List<FoundFile> hashed() {
        return hashed;
    }

    /** Groups of equal files that are not empty, those first that waste most. */
    List<List<FoundFile>> copies() {
        return copies;
    }

    /** The digest of a file as text; null when it has several blocks and no digest is made of them. */
    String digest(final FoundFile file) {
        return file.blockHashes == null
                ? Hex.of(file).substring(0, 2 * ctx.algorithm().length())
                : null;
    }

    String name(final FoundFile file) {
        return names.of(file.path);
    }

    Analysis.Context context() {
        return ctx;
    }

    Tally tally() {
        return tally;
    }

    TreeWalk walk() {
        return walk;
    }

    /**
     * Files whose content another file before them has; empty files are copies of each other.
     *
     * @return their number.
     */
    public long duplicateFiles() {
        return duplicateFiles;
    }
}
