package mnist.report;

/**
 * What the saved network of an autoencoder does with the first test images.
 *
 * @param together the two digits with the largest shares of neighbours of their own class
 * @param scattered the digit with the smallest
 * @param recognized what its reconstructions are taken for
 */
record ShownNetwork(String together, String scattered, RecognizedDigits recognized) {}
