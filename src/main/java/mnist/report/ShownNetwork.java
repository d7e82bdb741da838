package mnist.report;

/**
 * What the saved network of an autoencoder does with the first test images.
 *
 * @param together the two digits with the largest shares of neighbours of their own class
 * @param scattered the digit with the smallest
 * @param otherDigits the fraction of the reconstructions that look like another digit
 * @param otherDigitsOfOriginals the same of the images themselves
 * @param failures which digits the reconstructions turn into others, in sentences
 */
record ShownNetwork(
        String together, String scattered, double otherDigits, double otherDigitsOfOriginals, String failures) {}
