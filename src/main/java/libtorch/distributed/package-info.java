/** Training one network in several processes: libtorch's own rendezvous, process groups and reducer (c10d). */
@NullMarked
package libtorch.distributed;

import org.jspecify.annotations.NullMarked;
