package io.dragon.tools;

import io.dragon.codecs.control.TaskState;
import io.dragon.engine.cluster.replay.LogReplay;
import io.dragon.engine.cluster.replay.ReplayedState;
import io.dragon.engine.cluster.replay.Story;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a replay found, for people and for programs. */
final class ReplayReport {
    private final Path source;
    private final LogReplay replay;
    private final Story story;
    private final ReplayedState state;
    private final List<Story.End> ends;
    private final boolean listsTasks;
    private final long taskId;

    ReplayReport(
            final Path source,
            final LogReplay replay,
            final Story story,
            final int tasks,
            final boolean failed,
            final long taskId) {
        this.source = source;
        this.replay = replay;
        this.story = story;
        this.taskId = taskId;
        listsTasks = tasks > 0;
        state = replay.state();
        final List<Story.End> chosen = story.ends().stream()
                .filter(end -> !failed || end.state() != TaskState.COMPLETED)
                .toList();
        ends = chosen.subList(Math.max(0, chosen.size() - tasks), chosen.size());
    }

    void print(final PrintStream out) {
        if (taskId != 0) {
            printTask(out);
        } else if (listsTasks) {
            printTasks(out);
        } else {
            printOverview(out);
        }
    }

    private void printOverview(final PrintStream out) {
        out.println(source);
        out.printf(
                Locale.ROOT,
                "replayed  %d messages, position %d (%s, %s) to %d (%s)%n",
                replay.messages(),
                replay.startPosition(),
                replay.isFromSnapshot() ? "a snapshot" : "the beginning",
                time(replay.startTimeMs()),
                replay.position(),
                time(replay.timeMs()));
        out.printf(Locale.ROOT, "state     hash %016x%n", replay.stateHash());
        out.printf(
                Locale.ROOT,
                "tasks     submitted %d, waiting %d, ready %d, assigned %d, completed %d, failed %d, cancelled %d,"
                        + " expired %d, retried %d, moved %d%n",
                summary("tasksSubmitted"),
                summary("tasksWaiting"),
                summary("tasksReady"),
                summary("tasksAssigned"),
                summary("tasksCompleted"),
                summary("tasksFailed"),
                summary("tasksCancelled"),
                summary("tasksExpired"),
                summary("tasksRetried"),
                summary("tasksReassigned"));
        state.ends().forEach((reason, count) -> out.println("          " + count + " ended: " + reason));
        state.unserved()
                .forEach((type, count) ->
                        out.println("          " + count + " ready: no worker offers their type '" + type + "'"));
        out.println();
        final List<List<Object>> terms = new ArrayList<>();
        story.terms().forEach(t -> terms.add(List.of(t.termId(), t.leader(), t.position(), time(t.timeMs()))));
        Tables.print(out, List.of("TERM", "LEADER", "POSITION", "TIME"), terms);
        table(out, "WORKER", state.workers(), "state", "assigned", "window", "completed", "failed", "meanExecutionMs");
        table(out, "NODE", state.nodes(), "state", "workers", "cameras", "host");
        table(out, "CAMERA", state.cameras(), "state", "framesAccepted", "framesRefused", "lastStep");
        if (!state.incidents().isEmpty()) {
            out.println();
            final List<List<Object>> rows = new ArrayList<>();
            for (final Map<String, Object> i : state.incidents()) {
                rows.add(List.of(
                        i.get("number"),
                        time((long) i.get("timeMs")),
                        words(i.get("kind")),
                        i.get("subject"),
                        words(i.get("rule")),
                        i.get("moved"),
                        i.get("retried"),
                        i.get("text")));
            }
            Tables.printLeft(out, List.of("INCIDENT", "TIME", "WHAT", "WHO", "RULE", "MOVED", "RETRIED", "TEXT"), rows);
        }
    }

    private static void table(
            final PrintStream out, final String what, final List<Map<String, Object>> rows, final String... columns) {
        if (rows.isEmpty()) {
            return;
        }
        out.println();
        final List<String> headers = new ArrayList<>(List.of(what));
        for (final String column : columns) {
            headers.add(column.replaceAll("([A-Z])", " $1").toUpperCase(Locale.ROOT));
        }
        final List<List<Object>> cells = new ArrayList<>();
        for (final Map<String, Object> row : rows) {
            final List<Object> line = new ArrayList<>(List.of(row.get("name")));
            for (final String column : columns) {
                line.add(row.get(column));
            }
            cells.add(line);
        }
        Tables.print(out, headers, cells);
    }

    private void printTasks(final PrintStream out) {
        final List<List<Object>> rows = new ArrayList<>();
        for (final Story.End end : ends) {
            rows.add(List.of(
                    Long.toUnsignedString(end.taskId()),
                    end.type(),
                    words(end.state()),
                    end.state() == TaskState.COMPLETED ? "" : words(end.reason()),
                    end.worker(),
                    end.attempts(),
                    end.tookMs() < 0 ? "-" : end.tookMs(),
                    end.position()));
        }
        Tables.print(out, List.of("TASK", "TYPE", "END", "REASON", "WORKER", "ATTEMPTS", "MS", "POSITION"), rows);
        out.println(rows.size() + " of " + story.endsSeen() + " tasks that ended between position "
                + replay.startPosition() + " and " + replay.position());
    }

    private void printTask(final PrintStream out) {
        out.println("task " + Story.words(taskId));
        final long beginMs = story.lines().isEmpty() ? 0 : story.lines().get(0).timeMs();
        for (final Story.Line line : story.lines()) {
            out.printf(
                    Locale.ROOT,
                    "%s %+8d ms  %12d  %s%n",
                    time(line.timeMs()),
                    line.timeMs() - beginMs,
                    line.position(),
                    line.text());
        }
        if (state.unserved().containsKey(story.openType())) {
            out.println("it waits: no worker offers its type '" + story.openType() + "'");
        }
    }

    Map<String, Object> json() {
        final Map<String, Object> root = new LinkedHashMap<>();
        root.put("directory", source.toString());
        root.put("fromSnapshot", replay.isFromSnapshot());
        root.put("startPosition", replay.startPosition());
        root.put("startTimeMs", replay.startTimeMs());
        root.put("position", replay.position());
        root.put("timeMs", replay.timeMs());
        root.put("messages", replay.messages());
        root.put("snapshotsTaken", story.snapshots());
        root.put("stateHash", Long.toHexString(replay.stateHash()));
        root.put("remarks", replay.remarks());
        root.put("terms", story.terms());
        root.put("state", state);
        if (listsTasks) {
            root.put("tasks", ends);
        }
        if (taskId != 0) {
            root.put("task", Map.of("id", Long.toUnsignedString(taskId), "events", story.lines()));
        }
        return root;
    }

    private long summary(final String key) {
        return state.summary().getOrDefault(key, 0L);
    }

    private static String words(final Object name) {
        return name.toString().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String time(final long epochMs) {
        return Instant.ofEpochMilli(epochMs).toString();
    }
}
