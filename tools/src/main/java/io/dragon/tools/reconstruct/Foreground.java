package io.dragon.tools.reconstruct;

import io.dragon.engine.config.DragonException;
import io.dragon.worker.voxel.MaskRule;
import java.nio.file.Path;

/**
 * What counts as foreground, as {@code --foreground} says it: items with commas between them.
 *
 * <pre>
 *   diff:T            luma differs by more than T (0 to 254) from the frame before, or from the background when one is named
 *   background:FILE   a picture of the empty scene; {id} in the name stands for the camera; alone it means diff:20
 *   threshold:T       luma is above T, whatever was before
 *   dilate:R          grow the mask by a disc of R pixels (0 to 64)
 *   erode:R           then shrink it by a disc of R pixels
 *   both              with diff: also keep the place that a moving thing has left
 * </pre>
 *
 * @param rule       what a pixel must do
 * @param background name of the background picture, null when there is none or the dataset's own is meant
 */
public record Foreground(MaskRule rule, String background) {
    /** Moving pixels. */
    public static final String MOTION = "diff:12";

    /** The recipe that the Middlebury benchmark gives for its dark backgrounds. */
    public static final String MIDDLEBURY = "threshold:48,dilate:10,erode:7";

    private static final int BACKGROUND_THRESHOLD = 20;

    /**
     * Read a rule.
     *
     * @param text as the user typed it
     * @return what it means
     * @throws DragonException exit code 2, naming the item that is wrong
     */
    public static Foreground parse(final String text) {
        int difference = -1;
        int threshold = -1;
        int grow = 0;
        int shrink = 0;
        boolean both = false;
        String background = null;
        for (final String item : text.split(",", -1)) {
            final int colon = item.indexOf(':');
            final String name = colon < 0 ? item : item.substring(0, colon);
            final String value = colon < 0 ? "" : item.substring(colon + 1);
            switch (name) {
                case "diff" -> difference = number(item, value, 254);
                case "threshold" -> threshold = number(item, value, 254);
                case "dilate" -> grow = number(item, value, MaskRule.MAX_RADIUS);
                case "erode" -> shrink = number(item, value, MaskRule.MAX_RADIUS);
                case "background" -> background = file(item, value);
                case "both" -> both = flag(item, colon);
                default -> throw wrong("'" + item
                        + "' is not known; expected diff:N, threshold:N, background:FILE, dilate:N, erode:N or both");
            }
        }
        if (threshold >= 0 && (difference >= 0 || background != null)) {
            throw wrong("'threshold' looks at one frame alone; it cannot be joined with 'diff' or 'background'");
        }
        if (threshold < 0 && difference < 0 && background == null) {
            throw wrong("one of diff:N, threshold:N or background:FILE is needed");
        }
        if (both && (threshold >= 0 || background != null)) {
            throw wrong("'both' belongs to the difference from the frame before");
        }
        final MaskRule.Kind kind = threshold >= 0
                ? MaskRule.Kind.THRESHOLD
                : background != null ? MaskRule.Kind.BACKGROUND : MaskRule.Kind.DIFFERENCE;
        final int limit = threshold >= 0 ? threshold : difference >= 0 ? difference : BACKGROUND_THRESHOLD;
        final boolean present = kind == MaskRule.Kind.DIFFERENCE && !both;
        return new Foreground(
                new MaskRule(kind, limit, present, grow, shrink, MaskRule.DEFAULT_LIST_LIMIT, MaskRule.NO_CAMERA),
                background);
    }

    /** A difference from the background pictures that the dataset brings along. */
    static Foreground againstOwnBackground(final String difference) {
        final MaskRule rule = parse(difference).rule();
        return new Foreground(
                new MaskRule(
                        MaskRule.Kind.BACKGROUND,
                        rule.threshold(),
                        false,
                        0,
                        0,
                        MaskRule.DEFAULT_LIST_LIMIT,
                        MaskRule.NO_CAMERA),
                null);
    }

    /** The background file of a camera. */
    Path backgroundOf(final String cameraId) {
        return Path.of(background.replace("{id}", cameraId));
    }

    private static int number(final String item, final String value, final int most) {
        if (!value.matches("\\d{1,4}") || Integer.parseInt(value) > most) {
            throw wrong("'" + item + "' needs a whole number from 0 to " + most);
        }
        return Integer.parseInt(value);
    }

    private static String file(final String item, final String value) {
        if (value.isEmpty()) {
            throw wrong("'" + item + "' names no file");
        }
        return value;
    }

    private static boolean flag(final String item, final int colon) {
        if (colon >= 0) {
            throw wrong("'" + item + "' takes no value: 'both' stands alone");
        }
        return true;
    }

    private static DragonException wrong(final String sentence) {
        return new DragonException(DragonException.WRONG_USAGE, "--foreground: " + sentence + ".");
    }
}
