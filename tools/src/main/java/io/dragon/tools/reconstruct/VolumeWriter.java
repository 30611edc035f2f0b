package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.tools.output.OutputFile;
import io.dragon.worker.voxel.Grid;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Writes voxels to a file whose extension names the format. */
final class VolumeWriter {
    private final Path target;
    private final Format format;

    private enum Format {
        PLY,
        NPY,
        VTI,
        BIN
    }

    /** Checks the name before any work is done. */
    VolumeWriter(final Path target) {
        this.target = target;
        final String name =
                target.getFileName() == null ? "" : target.getFileName().toString();
        format = switch (name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)) {
            case "ply" -> Format.PLY;
            case "npy" -> Format.NPY;
            case "vti" -> Format.VTI;
            case "bin" -> Format.BIN;
            default -> throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "--out: '" + target + "' must end in .ply, .npy, .vti or .bin, which says the format.");
        };
        final Path folder = target.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(target)) {
            throw new DragonException(
                    DragonException.WRONG_USAGE,
                    "--out: "
                            + (Files.isDirectory(target)
                                    ? target + " is a folder."
                                    : "there is no folder '" + folder + "'."));
        }
    }

    void write(final VoxelSums voxels) {
        OutputFile.write("the volume", target, out -> {
            switch (format) {
                case PLY -> ply(voxels, out);
                case NPY -> npy(voxels, out);
                case VTI -> vti(voxels, out);
                default -> bin(voxels, out);
            }
        });
        if (format == Format.BIN) {
            final Path side = target.resolveSibling(target.getFileName() + ".json");
            OutputFile.write(
                    "the volume's side-car",
                    side,
                    out -> out.write(sideCar(voxels.grid()).getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static ByteBuffer little(final int capacity) {
        return ByteBuffer.allocate(capacity).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void put(final OutputStream out, final ByteBuffer bytes) throws IOException {
        out.write(bytes.array(), 0, bytes.position());
        bytes.clear();
    }

    /** Centres of the voxels that count, with their votes and sums. */
    private static void ply(final VoxelSums voxels, final OutputStream out) throws IOException {
        final Grid grid = voxels.grid();
        out.write(("ply\nformat binary_little_endian 1.0\ncomment voxel " + grid.voxel() + " m\nelement vertex "
                        + voxels.occupied()
                        + "\nproperty double x\nproperty double y\nproperty double z\nproperty uchar votes\n"
                        + "property float score\nend_header\n")
                .getBytes(StandardCharsets.US_ASCII));
        final ByteBuffer point = little(29);
        int index = 0;
        for (int x = 0; x < grid.nx(); x++) {
            for (int y = 0; y < grid.ny(); y++) {
                for (int z = 0; z < grid.nz(); z++, index++) {
                    if (voxels.votes(index) != 0) {
                        point.putDouble(grid.originX() + (x + 0.5) * grid.voxel());
                        point.putDouble(grid.originY() + (y + 0.5) * grid.voxel());
                        point.putDouble(grid.originZ() + (z + 0.5) * grid.voxel());
                        point.put((byte) voxels.votes(index)).putFloat(voxels.sum(index));
                        put(out, point);
                    }
                }
            }
        }
    }

    /** Sums as float32, shape (nx, ny, nz), last axis fastest. */
    private static void npy(final VoxelSums voxels, final OutputStream out) throws IOException {
        final Grid grid = voxels.grid();
        final StringBuilder header = new StringBuilder("{'descr': '<f4', 'fortran_order': False, 'shape': (")
                .append(grid.nx())
                .append(", ")
                .append(grid.ny())
                .append(", ")
                .append(grid.nz())
                .append("), }");
        while ((10 + header.length() + 1) % 64 != 0) {
            header.append(' ');
        }
        header.append('\n');
        final ByteBuffer start = little(10);
        start.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0);
        start.putShort((short) header.length());
        put(out, start);
        out.write(header.toString().getBytes(StandardCharsets.US_ASCII));
        floats(voxels, grid.nx(), grid.ny(), grid.nz(), out);
    }

    /** Int32 N, float32 size, N^3 float32 with x slowest; N is the longest side, what the grid lacks is zero. */
    private static void bin(final VoxelSums voxels, final OutputStream out) throws IOException {
        final Grid grid = voxels.grid();
        final int n = Math.max(grid.nx(), Math.max(grid.ny(), grid.nz()));
        final ByteBuffer start = little(8);
        start.putInt(n).putFloat((float) grid.voxel());
        put(out, start);
        floats(voxels, n, n, n, out);
    }

    private static void floats(final VoxelSums voxels, final int nx, final int ny, final int nz, final OutputStream out)
            throws IOException {
        final Grid grid = voxels.grid();
        final ByteBuffer row = little(4 * nz);
        for (int x = 0; x < nx; x++) {
            for (int y = 0; y < ny; y++) {
                for (int z = 0; z < nz; z++) {
                    final boolean inside = x < grid.nx() && y < grid.ny() && z < grid.nz();
                    row.putFloat(inside ? voxels.sum(grid.index(x, y, z)) : 0);
                }
                put(out, row);
            }
        }
    }

    static String sideCar(final Grid grid) {
        final int n = Math.max(grid.nx(), Math.max(grid.ny(), grid.nz()));
        return "{\n  \"origin\": [" + grid.originX() + ", " + grid.originY() + ", " + grid.originZ()
                + "],\n  \"voxel\": "
                + grid.voxel() + ",\n  \"size\": " + n + ",\n  \"shape\": [" + grid.nx() + ", " + grid.ny() + ", "
                + grid.nz()
                + "],\n  \"axes\": \"xyz\",\n  \"order\": \"x slowest, z fastest\",\n  \"value\": \"float32, little-endian\"\n}\n";
    }

    /** ParaView's image data: votes and sums of cells, x fastest. */
    private static void vti(final VoxelSums voxels, final OutputStream out) throws IOException {
        final Grid grid = voxels.grid();
        final String extent = "0 " + grid.nx() + " 0 " + grid.ny() + " 0 " + grid.nz();
        out.write(("<?xml version=\"1.0\"?>\n<VTKFile type=\"ImageData\" version=\"1.0\" byte_order=\"LittleEndian\""
                        + " header_type=\"UInt64\">\n<ImageData WholeExtent=\"" + extent + "\" Origin=\""
                        + grid.originX()
                        + " " + grid.originY() + " " + grid.originZ() + "\" Spacing=\"" + grid.voxel() + " "
                        + grid.voxel()
                        + " " + grid.voxel() + "\">\n<Piece Extent=\"" + extent
                        + "\">\n<CellData Scalars=\"votes\">\n<DataArray type=\"UInt8\" Name=\"votes\" format=\"appended\""
                        + " offset=\"0\"/>\n<DataArray type=\"Float32\" Name=\"score\" format=\"appended\" offset=\""
                        + (8 + grid.voxels()) + "\"/>\n</CellData>\n</Piece>\n</ImageData>\n"
                        + "<AppendedData encoding=\"raw\">\n_")
                .getBytes(StandardCharsets.US_ASCII));
        final ByteBuffer row = little(Math.max(8, 4 * grid.nx()));
        put(out, row.putLong(grid.voxels()));
        for (int pass = 0; pass < 2; pass++) {
            for (int z = 0; z < grid.nz(); z++) {
                for (int y = 0; y < grid.ny(); y++) {
                    for (int x = 0; x < grid.nx(); x++) {
                        final int index = grid.index(x, y, z);
                        if (pass == 0) {
                            row.put((byte) voxels.votes(index));
                        } else {
                            row.putFloat(voxels.sum(index));
                        }
                    }
                    put(out, row);
                }
            }
            if (pass == 0) {
                put(out, row.putLong(4 * grid.voxels()));
            }
        }
        out.write("\n</AppendedData>\n</VTKFile>\n".getBytes(StandardCharsets.US_ASCII));
    }
}
