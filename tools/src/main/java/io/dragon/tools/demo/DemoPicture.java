package io.dragon.tools.demo;

import io.dragon.engine.config.DragonException;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * What came out, as a picture: the volume from above (left) and from the side (right); a ring for each true position, a
 * dot for each peak that was found, a line between the two. Draws no text, so that it needs no fonts. One thread.
 */
final class DemoPicture {
    private static final int PANEL = 720;
    private static final int MARGIN = 30;
    private static final Color PAPER = new Color(0x10, 0x14, 0x1c);
    private static final Color GRID = new Color(0x2a, 0x33, 0x44);
    private static final Color TRUTH = new Color(0x5a, 0xc8, 0xfa);
    private static final Color FOUND = new Color(0xff, 0xb3, 0x47);
    private static final Color ERROR = new Color(0xff, 0x5c, 0x5c);

    private final double[] low;
    private final double[] high;
    private final List<double[]> matches = new ArrayList<>();
    private final List<double[]> missed = new ArrayList<>();

    /**
     * @param low  the volume's smallest x, y, z in metres.
     * @param high its largest.
     */
    DemoPicture(final double[] low, final double[] high) {
        this.low = low;
        this.high = high;
    }

    void match(final double[] truth, final double[] found) {
        matches.add(new double[] {truth[0], truth[1], truth[2], found[0], found[1], found[2]});
    }

    void miss(final double[] truth) {
        missed.add(truth.clone());
    }

    void write(final Path file) {
        final BufferedImage image = new BufferedImage(2 * PANEL, PANEL, BufferedImage.TYPE_INT_RGB);
        final Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setColor(PAPER);
        graphics.fillRect(0, 0, 2 * PANEL, PANEL);
        panel(graphics, 0, 0, 1);
        panel(graphics, PANEL, 0, 2);
        graphics.dispose();
        try {
            if (!ImageIO.write(image, "png", file.toFile())) {
                throw new IOException("this Java has no PNG writer");
            }
        } catch (final IOException ex) {
            throw new DragonException("Cannot write the picture " + file + ": " + ex.getMessage() + '.');
        }
    }

    private void panel(final Graphics2D graphics, final int left, final int across, final int up) {
        graphics.setColor(GRID);
        graphics.setStroke(new BasicStroke(1));
        for (int i = 0; i <= 8; i++) {
            final int at = MARGIN + i * (PANEL - 2 * MARGIN) / 8;
            graphics.drawLine(left + at, MARGIN, left + at, PANEL - MARGIN);
            graphics.drawLine(left + MARGIN, at, left + PANEL - MARGIN, at);
        }
        for (final double[] match : matches) {
            final int tx = x(left, match[across], across);
            final int ty = y(match[up], up);
            final int fx = x(left, match[3 + across], across);
            final int fy = y(match[3 + up], up);
            graphics.setColor(ERROR);
            graphics.drawLine(tx, ty, fx, fy);
            graphics.setColor(TRUTH);
            graphics.drawOval(tx - 5, ty - 5, 10, 10);
            graphics.setColor(FOUND);
            graphics.fillOval(fx - 2, fy - 2, 5, 5);
        }
        graphics.setColor(ERROR);
        graphics.setStroke(new BasicStroke(2));
        for (final double[] truth : missed) {
            final int tx = x(left, truth[across], across);
            final int ty = y(truth[up], up);
            graphics.drawLine(tx - 5, ty - 5, tx + 5, ty + 5);
            graphics.drawLine(tx - 5, ty + 5, tx + 5, ty - 5);
        }
    }

    private int x(final int left, final double metres, final int axis) {
        return left + MARGIN + (int) Math.round((metres - low[axis]) / (high[axis] - low[axis]) * (PANEL - 2 * MARGIN));
    }

    private int y(final double metres, final int axis) {
        return PANEL
                - MARGIN
                - (int) Math.round((metres - low[axis]) / (high[axis] - low[axis]) * (PANEL - 2 * MARGIN));
    }
}
