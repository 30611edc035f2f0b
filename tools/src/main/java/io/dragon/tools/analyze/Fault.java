package io.dragon.tools.analyze;

/**
 * A file or folder that could not be analysed.
 *
 * @param path  its name, as the manifest would have it.
 * @param error why, in a few words.
 */
public record Fault(String path, String error) {}
