/** What commands that run a job of the cameras share: the booking of its results. */
package io.dragon.tools.job;
