/** The protocol of frame slots, leases and descriptor rings under jcstress. In the package of what it tests, which is not public. */
package io.dragon.engine.frame;
