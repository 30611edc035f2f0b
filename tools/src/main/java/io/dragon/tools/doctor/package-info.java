/**
 * The checks of {@code dragon doctor}: what a host lacks before Dragon is started on it, and how to mend it. A check reads through
 * {@link io.dragon.tools.doctor.Host} only, so that a test can provoke everything that it says.
 */
package io.dragon.tools.doctor;
