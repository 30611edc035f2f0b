package io.dragon.tools.analyze;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Names as the manifest has them: the source as it was typed, joined with the path below it. A name that is not valid UTF-8
 * gets replacement characters, exactly as {@code b3sum} prints it (and then refuses to check it).
 */
final class SourceNames {
    private static final char REPLACEMENT = '\uFFFD';

    private final Path root;
    private final String typed;
    private final byte[] absoluteRoot;
    private final boolean pathsAreUtf8;

    SourceNames(final Path root, final String typed) {
        this.root = root;
        this.typed = typed;
        absoluteRoot = bytes(root);
        pathsAreUtf8 = "UTF-8".equalsIgnoreCase(System.getProperty("sun.jnu.encoding"));
    }

    String of(final Path path) {
        if (path.equals(root)) {
            return typed;
        }
        final String below = pathsAreUtf8 ? root.relativize(path).toString() : "";
        return join(below.isEmpty() || below.indexOf(REPLACEMENT) >= 0 ? exact(path) : below);
    }

    /** True when {@code b3sum --check} cannot find the file by this name. */
    static boolean isLossy(final String name) {
        return name.indexOf(REPLACEMENT) >= 0;
    }

    private String join(final String below) {
        return typed.endsWith("/") ? typed + below : typed + "/" + below;
    }

    private String exact(final Path path) {
        final byte[] all = bytes(path);
        final int from = absoluteRoot.length == 1 ? 1 : absoluteRoot.length + 1;
        return new String(Arrays.copyOfRange(all, from, all.length), StandardCharsets.UTF_8);
    }

    /** A path keeps the bytes the file system gave it, but shows them only in its URI. */
    private static byte[] bytes(final Path path) {
        final String uri = path.toAbsolutePath().toUri().getRawPath();
        final ByteArrayOutputStream out = new ByteArrayOutputStream(uri.length());
        for (int i = 0; i < uri.length(); i++) {
            final char c = uri.charAt(i);
            if (c == '%') {
                out.write(Integer.parseInt(uri, i + 1, i + 3, 16));
                i += 2;
            } else {
                out.write(c);
            }
        }
        final byte[] bytes = out.toByteArray();
        final boolean slash = bytes.length > 1 && bytes[bytes.length - 1] == '/';
        return slash ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }
}
