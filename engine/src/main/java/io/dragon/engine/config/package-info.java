/** Immutable configuration: timeouts, profiles, directories, and what a user's files say. */
package io.dragon.engine.config;
