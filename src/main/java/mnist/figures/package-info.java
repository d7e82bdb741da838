/** Figures for print, drawn with JFreeChart; knows nothing of tensors. */
@NullMarked
package mnist.figures;

import org.jspecify.annotations.NullMarked;
