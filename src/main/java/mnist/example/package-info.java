/**
 * A network and data of one's own on this project's rooms, to be copied: houses in a CSV file, a network that predicts
 * their heating loads, and a class that loads the saved network for a service. docs/YOUR-OWN.md walks through it.
 */
package mnist.example;
