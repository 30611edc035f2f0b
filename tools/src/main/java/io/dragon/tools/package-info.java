/**
 * The command line. {@link io.dragon.tools.DragonMain} parses it with the commands of {@link io.dragon.tools.Commands},
 * one class each; a command reads its configuration through {@link io.dragon.tools.ConfigOptions}, writes data to
 * standard output and messages to standard error, and returns one of {@link io.dragon.tools.ExitCode}.
 */
package io.dragon.tools;
