/** What threads share in the transfer of frames, under jcstress. */
package io.dragon.engine.transfer;
