/** Devices that run tasks: what they are, what memory they have, how they feel. */
package io.dragon.worker.device;
