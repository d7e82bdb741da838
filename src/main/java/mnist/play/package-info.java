/** A page to try the models with, and the server behind it: libtorch served from Java. */
@org.jspecify.annotations.NullMarked
package mnist.play;
