/** The files that a network's graphs and weights are saved in and loaded from. */
@NullMarked
package libtorch.export;

import org.jspecify.annotations.NullMarked;
