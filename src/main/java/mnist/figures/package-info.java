/** Figures for print, drawn with JFreeChart; knows nothing of tensors. */
package mnist.figures;
