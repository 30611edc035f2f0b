package io.dragon.worker.check;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The functions that JCuda's library takes from the driver's, and which of them a driver lacks: JCuda links them when they are first
 * called, so that a missing one would show in the middle of work.
 */
final class NeededSymbols {
    private static final String LIBRARY = "/lib/libJCudaDriver-12.6.0-linux-x86_64.so";
    private static final String DRIVER = "libcuda.so.1";

    // https://refspecs.linuxfoundation.org/elf/elf.pdf, for 64 bits
    private static final int MAGIC = 0x464C457F;
    private static final int SECTIONS_AT = 40;
    private static final int SECTION_LENGTH_AT = 58;
    private static final int SECTION_COUNT_AT = 60;
    private static final int DYNAMIC_SYMBOLS = 11;
    private static final int SYMBOL_LENGTH = 24;

    private NeededSymbols() {}

    /** Names of the driver's functions that JCuda calls; empty where JCuda's library is not on the class path. */
    static List<String> all() throws IOException {
        try (InputStream library = NeededSymbols.class.getResourceAsStream(LIBRARY)) {
            return library == null ? List.of() : undefined(ByteBuffer.wrap(library.readAllBytes()));
        }
    }

    /** Those that the driver of this host does not have. */
    static List<String> missing(final List<String> needed) {
        final NativeLibrary driver = NativeLibrary.getInstance(DRIVER);
        final List<String> missing = new ArrayList<>();
        for (final String name : needed) {
            try {
                driver.getFunction(name);
            } catch (final UnsatisfiedLinkError ex) {
                missing.add(name);
            }
        }
        return missing;
    }

    /** Undefined symbols of a library that begin as CUDA's do. */
    static List<String> undefined(final ByteBuffer file) throws IOException {
        file.order(ByteOrder.LITTLE_ENDIAN);
        if (file.limit() < 64 || file.getInt(0) != MAGIC) {
            throw new IOException("not a library of this system");
        }
        final long sections = file.getLong(SECTIONS_AT);
        final int length = file.getShort(SECTION_LENGTH_AT);
        final int count = file.getShort(SECTION_COUNT_AT);
        final List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final int section = (int) sections + i * length;
            if (file.getInt(section + 4) == DYNAMIC_SYMBOLS) {
                final int strings = (int) sections + file.getInt(section + 40) * length;
                symbols(
                        file,
                        (int) file.getLong(section + 24),
                        (int) file.getLong(section + 32),
                        (int) file.getLong(strings + 24),
                        names);
            }
        }
        return names;
    }

    private static void symbols(
            final ByteBuffer file, final int at, final int bytes, final int strings, final List<String> names) {
        for (int symbol = at; symbol < at + bytes; symbol += SYMBOL_LENGTH) {
            final boolean isUndefined = file.getShort(symbol + 6) == 0;
            final String name = isUndefined ? text(file, strings + file.getInt(symbol)) : "";
            if (name.startsWith("cu") && name.length() > 2 && Character.isUpperCase(name.charAt(2))) {
                names.add(name);
            }
        }
    }

    private static String text(final ByteBuffer file, final int at) {
        int end = at;
        while (file.get(end) != 0) {
            end++;
        }
        final byte[] bytes = new byte[end - at];
        file.get(at, bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
