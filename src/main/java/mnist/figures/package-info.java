/** Figures for print, drawn with JFreeChart; independent of libtorch. */
@NullMarked
package mnist.figures;

import org.jspecify.annotations.NullMarked;
