/** What threads share of a device, under jcstress. */
package io.dragon.worker.device;
