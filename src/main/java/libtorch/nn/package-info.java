/** Networks, each written once in Java, and the graphs of operators that are traced from them for files. */
@NullMarked
package libtorch.nn;

import org.jspecify.annotations.NullMarked;
