package io.dragon.tools.analyze;

import io.dragon.tools.analyze.Analysis.WorkerShare;
import io.dragon.tools.output.OutputFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A report for people to keep: the numbers, the largest groups of equal files, what could not be read. */
public final class Report {
    private static final int MAX_GROUPS = 100;
    private static final int MAX_NAMES = 50;
    private static final int MAX_FAULTS = 1000;

    private Report() {}

    /**
     * Writes a report in Markdown.
     *
     * @param result what was found.
     * @param verify the comparison with a manifest, or null.
     * @param file   to write; replaced when it is there.
     */
    public static void writeMarkdown(final AnalysisResult result, final Verification verify, final Path file) {
        OutputFile.write(
                "the report", file, out -> out.write(markdown(result, verify).getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The report as JSON: what {@code --json} has, and the groups of equal files.
     *
     * @param result what was found.
     * @param verify the comparison with a manifest, or null.
     * @return a tree of maps and lists.
     */
    public static Map<String, Object> json(final AnalysisResult result, final Verification verify) {
        final Map<String, Object> json = new LinkedHashMap<>(result.json());
        if (verify != null) {
            json.put("verify", verify.json());
        }
        final List<Map<String, Object>> groups = new ArrayList<>();
        for (final List<FoundFile> group : result.copies()) {
            final Map<String, Object> entry = new LinkedHashMap<>();
            final String digest = result.digest(group.get(0));
            if (digest != null) {
                entry.put("digest", digest);
            }
            entry.put("bytes", group.get(0).size);
            entry.put("wastedBytes", AnalysisResult.wasted(group));
            entry.put("files", group.stream().map(result::name).toList());
            groups.add(entry);
        }
        json.put("equalFiles", groups);
        return json;
    }

    static String markdown(final AnalysisResult result, final Verification verify) {
        final StringBuilder text = new StringBuilder();
        final Tally tally = result.tally();
        text.append("# Analysis of ")
                .append(code(result.context().typedSource()))
                .append("\n\n");
        text.append("| what | how much |\n|---|---:|\n");
        text.append("| hash | ").append(result.context().algorithm().words()).append(" |\n");
        row(text, "files hashed", result.files());
        row(text, "bytes hashed", tally.bytes());
        row(text, "block (bytes)", result.context().blockLength());
        row(text, "blocks", tally.blocks());
        row(text, "different blocks", tally.uniqueBlocks());
        row(text, "blocks there already", tally.duplicateBlocks());
        row(text, "bytes of these", tally.duplicateBytes());
        row(text, "blocks of zeros", tally.zeroBlocks());
        row(text, "bytes of these", tally.zeroBytes());
        row(text, "files equal to another", result.duplicateFiles());
        row(text, "links not followed", result.walk().links());
        row(text, "special files skipped", result.walk().specials());
        row(text, "unreadable or changed", result.faults().size());
        text.append(String.format(
                Locale.ROOT, "| seconds | %.3f |%n| GB/s | %.3f |%n", result.seconds(), result.gigabytesPerSecond()));
        if (result.resumedFiles() > 0) {
            text.append("\nAn interrupted run had hashed ")
                    .append(result.resumedFiles())
                    .append(" of these files (")
                    .append(result.resumedBytes())
                    .append(" bytes) before: the time, the rate and the workers are those of the rest.\n");
        }
        text.append("\n## Workers\n\n| worker | device | blocks | bytes | GB/s |\n|---|---|---:|---:|---:|\n");
        for (final WorkerShare worker : result.workers()) {
            final double rate = worker.busyNs() == 0 ? 0 : (double) worker.bytes() / worker.busyNs();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %d | %d | %.2f |%n",
                    worker.id(),
                    worker.device(),
                    worker.blocks(),
                    worker.bytes(),
                    rate));
        }
        verification(text, verify);
        groups(text, result);
        faults(text, result);
        return text.toString();
    }

    private static void verification(final StringBuilder text, final Verification verify) {
        if (verify == null) {
            return;
        }
        text.append("\n## Compared with the manifest\n\n")
                .append(verify.matching())
                .append(" files match.\n");
        names(text, "Changed", verify.changed());
        names(text, "Missing", verify.missing());
        names(text, "Unreadable", verify.unreadable());
        names(text, "New", verify.added());
    }

    private static void names(final StringBuilder text, final String title, final List<String> names) {
        if (!names.isEmpty()) {
            text.append("\n").append(title).append(": ").append(names.size()).append("\n\n");
            list(text, names);
        }
    }

    private static void groups(final StringBuilder text, final AnalysisResult result) {
        final List<List<FoundFile>> groups = result.copies();
        text.append("\n## Equal files\n");
        if (groups.isEmpty()) {
            text.append("\nNone (empty files aside).\n");
        }
        for (final List<FoundFile> group : groups.subList(0, Math.min(groups.size(), MAX_GROUPS))) {
            final String digest = result.digest(group.get(0));
            text.append("\n")
                    .append(group.size())
                    .append(" files of ")
                    .append(group.get(0).size)
                    .append(" bytes, ")
                    .append(digest == null ? "all their blocks equal" : digest)
                    .append(":\n\n");
            list(text, group.stream().limit(MAX_NAMES + 1L).map(result::name).toList());
        }
        if (groups.size() > MAX_GROUPS) {
            text.append("\nAnd ")
                    .append(groups.size() - MAX_GROUPS)
                    .append(" smaller groups (the JSON report has all).\n");
        }
    }

    private static void faults(final StringBuilder text, final AnalysisResult result) {
        if (result.faults().isEmpty()) {
            return;
        }
        text.append("\n## Not hashed\n\n| name | why |\n|---|---|\n");
        result.faults().stream().limit(MAX_FAULTS).forEach(fault -> text.append("| ")
                .append(code(fault.path()).replace("|", "\\|"))
                .append(" | ")
                .append(fault.error().replace("|", "\\|"))
                .append(" |\n"));
        if (result.faults().size() > MAX_FAULTS) {
            text.append("\nAnd ").append(result.faults().size() - MAX_FAULTS).append(" more.\n");
        }
    }

    private static void list(final StringBuilder text, final List<String> names) {
        names.stream()
                .limit(MAX_NAMES)
                .forEach(name -> text.append("- ").append(code(name)).append("\n"));
        if (names.size() > MAX_NAMES) {
            text.append("- and more\n");
        }
    }

    private static String code(final String name) {
        final String oneLine = name.replace("\n", "\\n").replace("\r", "\\r");
        final String fence = oneLine.contains("`") ? "``" : "`";
        return fence + oneLine + fence;
    }

    private static void row(final StringBuilder text, final String what, final long value) {
        text.append("| ").append(what).append(" | ").append(value).append(" |\n");
    }
}
