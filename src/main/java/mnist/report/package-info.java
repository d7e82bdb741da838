/** The exercise's report, as PDF and as a page for the screen, written around the numbers of the run records. */
package mnist.report;
