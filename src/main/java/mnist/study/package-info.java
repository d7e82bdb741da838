/** What the report measures beyond the exercise: edges of filters, axes of the plane, noise, and more networks. */
@NullMarked
package mnist.study;

import org.jspecify.annotations.NullMarked;
