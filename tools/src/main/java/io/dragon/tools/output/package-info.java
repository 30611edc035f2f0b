/** The files that commands write for their users. */
package io.dragon.tools.output;
