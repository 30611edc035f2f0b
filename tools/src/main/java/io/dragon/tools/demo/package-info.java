/** The demo: a rig of camera pairs over moving objects whose true positions are known, end to end, judged by the truth. */
package io.dragon.tools.demo;
