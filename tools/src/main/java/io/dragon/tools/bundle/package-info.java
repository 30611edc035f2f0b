/** A distribution in one file: a Java runtime, the jars, the scripts and what they read, for hosts that have neither Java nor a network. */
package io.dragon.tools.bundle;
