/** Networks, each written once in Java, and the graphs of operators that are traced from them for files. */
package mnist.model;
