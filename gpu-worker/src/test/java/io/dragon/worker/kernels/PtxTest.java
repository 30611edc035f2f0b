package io.dragon.worker.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The committed PTX becomes machine code for every GPU that is promised, without a GPU, and nothing spills out of its registers. */
final class PtxTest {
    private static final String[] KERNELS = {"blake3", "sha256", "mask", "carve"};
    private static final int REGISTERS = 65_536;

    /** Threads of a block as the kernels are launched. */
    private static final Map<String, Integer> THREADS = Map.of("gather", 512, "mask_scan", 1024, "runs_scan", 1024);

    private static final int OTHER_THREADS = 256;
    private static final Pattern ENTRY = Pattern.compile("Compiling entry function '(\\w+)'");
    private static final Pattern SPILLS = Pattern.compile("(\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern USED = Pattern.compile("Used (\\d+) registers");

    private static final Pattern CALCULATION =
            Pattern.compile("\\b(add|sub|mul|div|sqrt|rcp|fma|mad)[.a-z]*\\.f(32|64)\\b");

    /** JCuda unpacks its library under a fixed name in the folder for temporary files, whoever may have put one there. */
    @BeforeAll
    static void unpackIntoOwnFolder() throws IOException {
        final String before = System.getProperty("java.io.tmpdir");
        System.setProperty(
                "java.io.tmpdir",
                Files.createDirectories(Path.of("target", "natives"))
                        .toAbsolutePath()
                        .toString());
        try {
            JNvPTXCompiler.setExceptionsEnabled(true);
            JNvPTXCompiler.nvPTXCompilerGetVersion(new int[1], new int[1]);
        } finally {
            System.setProperty("java.io.tmpdir", before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sm_70", "sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_90a"})
    void shouldAssembleWithoutSpills(final String architecture) throws IOException {
        for (final String kernel : KERNELS) {
            final String log = assemble(kernel, architecture);
            final Matcher entries = ENTRY.matcher(log);
            final Matcher spills = SPILLS.matcher(log);
            final Matcher used = USED.matcher(log);
            int count = 0;
            while (entries.find()) {
                assertTrue(spills.find(entries.end()) && used.find(entries.end()), log);
                final String name = entries.group(1);
                final int registers = Integer.parseInt(used.group(1));
                System.out.println(architecture + " " + name + ": " + registers + " registers, " + spills.group(1)
                        + " bytes spilled, " + spills.group(2) + " bytes read back");
                assertEquals("0 0", spills.group(1) + " " + spills.group(2), name + " spills");
                final int perWarp = (registers * 32 + 255) / 256 * 256;
                assertTrue(
                        perWarp * THREADS.getOrDefault(name, OTHER_THREADS) / 32 <= REGISTERS,
                        name + " cannot be launched: " + registers + " registers");
                count++;
            }
            assertTrue(count >= (kernel.equals("sha256") ? 1 : 2), log);
        }
    }

    /**
     * A driver may fuse an add and a multiply that say nothing of rounding (PTX ISA, "Floating Point Instructions: add"), and then bits differ from
     * the processor's.
     */
    @ParameterizedTest
    @ValueSource(strings = {"blake3", "sha256", "mask", "carve"})
    void shouldLeaveNoRoundingToTheDriver(final String kernel) throws IOException {
        final Matcher calculation = CALCULATION.matcher(new String(source(kernel), StandardCharsets.UTF_8));
        while (calculation.find()) {
            assertTrue(calculation.group().contains(".rn."), kernel + ": " + calculation.group());
            assertFalse(calculation.group().matches("(fma|mad).*|.*ftz.*"), kernel + ": " + calculation.group());
        }
    }

    private static byte[] source(final String kernel) throws IOException {
        try (InputStream in = PtxTest.class.getResourceAsStream("/io/dragon/worker/kernels/" + kernel + ".ptx")) {
            return in.readAllBytes();
        }
    }

    private static String assemble(final String kernel, final String architecture) throws IOException {
        final byte[] source = source(kernel);
        final nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
        JNvPTXCompiler.nvPTXCompilerCreate(handle, source.length, Arrays.copyOf(source, source.length + 1));
        try {
            final String[] options = {"--gpu-name=" + architecture, "--verbose"};
            JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
            final long[] length = new long[1];
            JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, length);
            final byte[] log = new byte[(int) length[0] + 1];
            JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
            return new String(log, StandardCharsets.UTF_8);
        } finally {
            JNvPTXCompiler.nvPTXCompilerDestroy(handle);
        }
    }
}
