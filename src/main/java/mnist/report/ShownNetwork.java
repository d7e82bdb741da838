package mnist.report;

/**
 * What the saved network of an autoencoder does with the first test images.
 *
 * @param regions of the digits in its embedding
 * @param recognized what its reconstructions are taken for
 */
public record ShownNetwork(Regions regions, RecognizedDigits recognized) {}
