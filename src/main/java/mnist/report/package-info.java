/** The exercise's report, as PDF and as a page for the screen, written from the run records. */
package mnist.report;
