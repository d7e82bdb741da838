/** The report's additional measurements: edges of filters, axes of the plane, noise, and more networks. */
@NullMarked
package mnist.study;

import org.jspecify.annotations.NullMarked;
