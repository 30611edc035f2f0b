package io.dragon.engine.config;

import io.dragon.engine.config.ConfigFile.Entry;
import io.dragon.engine.config.ConfigFile.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Walks a file's nodes along the table of keys. One file, one use. */
final class ConfigBinder {
    private static final int MAX_LIST = 1_024;

    private final String file;
    private final Kind wanted;
    private final Map<String, Entry> entries;
    private final ConfigFaults faults;
    private Kind kind;

    ConfigBinder(final String file, final Kind wanted, final Map<String, Entry> entries, final ConfigFaults faults) {
        this.file = file;
        this.wanted = wanted;
        this.entries = entries;
        this.faults = faults;
    }

    /** Binds the whole file; answers what kind of file it is. */
    Kind bind(final Node root) {
        kind = wanted == null ? guess(root) : wanted;
        if (isNothing(root)) {
            return kind;
        }
        if (root instanceof MappingNode mapping) {
            section("", "", mapping);
        } else {
            fault(root, "the file is " + kindOf(root) + ", expected keys with values");
        }
        return kind;
    }

    /** Its name decides, then its first key that belongs to one kind only. */
    private Kind guess(final Node root) {
        final Kind named = Kind.named(file);
        if (named != null) {
            return named;
        }
        if (root instanceof MappingNode mapping) {
            for (final NodeTuple tuple : mapping.getValue()) {
                final String top = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
                for (final ConfigKey key : ConfigTable.all()) {
                    if (key.scope() != ConfigKey.Scope.BOTH && ConfigTable.same(top(key), top)) {
                        return Kind.valueOf(key.scope().name());
                    }
                }
            }
        }
        return Kind.CLIENT;
    }

    private static String top(final ConfigKey key) {
        final String path = key.path();
        final int end = path.indexOf('.') < 0 ? path.length() : path.indexOf('.');
        return path.substring(0, end).replace("[]", "");
    }

    /** The names a section may have below it: rows, sections and lists, each by its plain form. */
    private Map<String, String> names(final String pattern, final boolean everyKind) {
        final Map<String, String> names = new HashMap<>();
        final String prefix = pattern.isEmpty() ? "" : pattern + ".";
        for (final ConfigKey key : ConfigTable.all()) {
            if (key.path().startsWith(prefix) && (everyKind || key.scope().includes(kind))) {
                final String rest = key.path().substring(prefix.length());
                final String next = rest.contains(".") ? rest.substring(0, rest.indexOf('.')) : rest;
                names.put(ConfigTable.plain(next.replace("[]", "")), next);
            }
        }
        return names;
    }

    private void section(final String pattern, final String shown, final MappingNode mapping) {
        final Map<String, String> names = names(pattern, false);
        final boolean open = names.containsKey("*");
        final Map<String, Node> seen = new HashMap<>();
        for (final NodeTuple tuple : mapping.getValue()) {
            final Node keyNode = tuple.getKeyNode();
            if (!(keyNode instanceof ScalarNode scalar)) {
                fault(keyNode, "a key is " + kindOf(keyNode) + ", expected a word");
                continue;
            }
            final String written = scalar.getValue();
            final String path = shown.isEmpty() ? written : shown + "." + written;
            final Node first = seen.putIfAbsent(open ? written : ConfigTable.plain(written), keyNode);
            if (first != null) {
                fault(
                        keyNode,
                        path,
                        "is there twice, first at line " + ConfigFile.line(first.getStartMark()) + ", expected once");
                continue;
            }
            final String next = open ? "*" : names.get(ConfigTable.plain(written));
            if (next == null || written.equals("*") || written.isBlank() || written.length() > 255) {
                unknown(keyNode, pattern, path, written, names);
                continue;
            }
            final String name = open ? written : next.replace("[]", "");
            final String childShown = shown.isEmpty() ? name : shown + "." + name;
            child(pattern.isEmpty() ? next : pattern + "." + next, childShown, tuple.getValueNode());
        }
    }

    private void child(final String pattern, final String shown, final Node value) {
        final ConfigKey key = rowOf(pattern);
        if (key != null) {
            value(key, shown, value);
        } else if (pattern.endsWith("[]")) {
            list(pattern, shown, value);
        } else if (value instanceof MappingNode mapping) {
            section(pattern, shown, mapping);
        } else if (!isNothing(value)) {
            fault(
                    value,
                    shown,
                    "is " + kindOf(value) + ", expected a section with the keys " + words(names(pattern, false)));
        }
    }

    private void list(final String pattern, final String shown, final Node node) {
        if (isNothing(node)) {
            return;
        }
        if (!(node instanceof SequenceNode sequence)) {
            fault(node, shown, "is " + kindOf(node) + ", expected a list of entries that begin with '-'");
            return;
        }
        if (sequence.getValue().size() > MAX_LIST) {
            fault(node, shown, "has " + sequence.getValue().size() + " entries, expected at most " + MAX_LIST);
            return;
        }
        for (int i = 0; i < sequence.getValue().size(); i++) {
            final Node entry = sequence.getValue().get(i);
            final String entryShown = shown + "[" + i + "]";
            if (!(entry instanceof MappingNode mapping)) {
                fault(entry, entryShown, "is " + kindOf(entry) + ", expected the keys " + words(names(pattern, false)));
                continue;
            }
            section(pattern, entryShown, mapping);
            complete(pattern, entryShown, mapping);
        }
    }

    /** Fills an entry's defaults in, so that every entry has every key; reports what is missing. */
    private void complete(final String pattern, final String shown, final MappingNode mapping) {
        final Set<String> written = new HashSet<>();
        for (final NodeTuple tuple : mapping.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode scalar) {
                written.add(ConfigTable.plain(scalar.getValue()));
            }
        }
        for (final ConfigKey key : ConfigTable.all()) {
            final String path = shown + "." + key.name();
            if (key.section().equals(pattern) && !written.contains(ConfigTable.plain(key.name()))) {
                if (key.isRequired()) {
                    fault(mapping, path, "is missing, expected " + key.expected());
                } else {
                    entries.put(
                            path,
                            new Entry(
                                    key,
                                    key.type().parse(key, key.defaultText(), false),
                                    key.defaultText(),
                                    "default"));
                }
            }
        }
    }

    private void value(final ConfigKey key, final String shown, final Node node) {
        if (key.isList()) {
            values(key, shown, node);
            return;
        }
        if (!(node instanceof ScalarNode scalar)) {
            fault(node, shown, "is " + kindOf(node) + ", expected " + key.expected());
            return;
        }
        final Object value = scalar(key, shown, scalar);
        if (value != null) {
            entries.put(shown, new Entry(key, value, scalar.getValue(), origin(node)));
        }
    }

    private void values(final ConfigKey key, final String shown, final Node node) {
        if (!(node instanceof SequenceNode sequence)) {
            fault(
                    node,
                    shown,
                    "is " + kindOf(node) + ", expected a list, as in [first, second]: each " + key.expected());
            return;
        }
        if (sequence.getValue().size() > MAX_LIST) {
            fault(node, shown, "has " + sequence.getValue().size() + " values, expected at most " + MAX_LIST);
            return;
        }
        final List<Object> values = new ArrayList<>();
        final List<String> texts = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            final Node each = sequence.getValue().get(i);
            final String eachShown = shown + "[" + i + "]";
            if (!(each instanceof ScalarNode scalar)) {
                fault(each, eachShown, "is " + kindOf(each) + ", expected " + key.expected());
                continue;
            }
            final Object value = scalar(key, eachShown, scalar);
            if (value != null
                    && key.type() != KeyType.HOST
                    && values.contains(value)) { // a host may run several masters
                fault(
                        each,
                        eachShown,
                        "is " + KeyType.shown(scalar.getValue()) + ", which the list has already, expected it once");
            } else if (value != null) {
                values.add(value);
                texts.add(scalar.getValue());
            }
        }
        entries.put(shown, new Entry(key, List.copyOf(values), "[" + String.join(", ", texts) + "]", origin(node)));
    }

    private Object scalar(final ConfigKey key, final String shown, final ScalarNode scalar) {
        if (isNothing(scalar)) {
            fault(scalar, shown, "has no value, expected " + key.expected());
            return null;
        }
        try {
            return key.type().parse(key, scalar.getValue(), !scalar.isPlain());
        } catch (final IllegalArgumentException ex) {
            final boolean needless =
                    !scalar.isPlain() && (key.type() == KeyType.INTEGER || key.type() == KeyType.BOOLEAN);
            fault(
                    scalar,
                    shown,
                    needless ? "is text in quotes, expected " + key.expected() + " without them" : ex.getMessage());
            return null;
        }
    }

    private void unknown(
            final Node node,
            final String pattern,
            final String path,
            final String written,
            final Map<String, String> names) {
        final String elsewhere = names(pattern, true).get(ConfigTable.plain(written));
        if (elsewhere != null && !elsewhere.equals("*") && kind != null) {
            final Kind other = kind == Kind.CLIENT ? Kind.SERVER : Kind.CLIENT;
            fault(node, path, "belongs into " + other.fileName() + ", expected the keys of " + kind.fileName());
            return;
        }
        final Set<String> known = new TreeSet<>();
        names.values().forEach(name -> known.add(name.replace("[]", "")));
        fault(node, path, "is unknown, expected " + words(names) + Suggestion.of(written, known));
    }

    private static String words(final Map<String, String> names) {
        final Set<String> words = new TreeSet<>();
        names.values().forEach(name -> words.add(name.equals("*") ? "names of task types" : name.replace("[]", "")));
        return words.size() > 16 ? "one of the keys in docs/configuration.md" : String.join(", ", words);
    }

    private static ConfigKey rowOf(final String pattern) {
        for (final ConfigKey key : ConfigTable.all()) {
            if (key.path().equals(pattern)) {
                return key;
            }
        }
        return null;
    }

    private String origin(final Node node) {
        return file + ":" + ConfigFile.line(node.getStartMark()) + ":" + ConfigFile.column(node.getStartMark());
    }

    private void fault(final Node node, final String key, final String what) {
        faults.at(file, ConfigFile.line(node.getStartMark()), ConfigFile.column(node.getStartMark()), key, what);
    }

    private void fault(final Node node, final String what) {
        faults.at(file, ConfigFile.line(node.getStartMark()), ConfigFile.column(node.getStartMark()), what);
    }

    private static boolean isNothing(final Node node) {
        return node instanceof ScalarNode scalar
                && scalar.isPlain()
                && (scalar.getValue().isEmpty()
                        || scalar.getValue().equals("null")
                        || scalar.getValue().equals("~"));
    }

    private static String kindOf(final Node node) {
        if (node instanceof MappingNode) {
            return "a section";
        }
        if (node instanceof SequenceNode) {
            return "a list";
        }
        return isNothing(node) ? "nothing" : "'" + KeyType.shown(((ScalarNode) node).getValue()) + "'";
    }
}
