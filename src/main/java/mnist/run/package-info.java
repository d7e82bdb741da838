/** A run from the command line: its options, device, data and ranks, and the files it reads and writes. */
@NullMarked
package mnist.run;

import org.jspecify.annotations.NullMarked;
