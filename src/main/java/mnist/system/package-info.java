/** The terminal, the machine and the lock of a folder that a run writes to. */
@NullMarked
package mnist.system;

import org.jspecify.annotations.NullMarked;
