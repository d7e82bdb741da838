/** Networks that carry their TorchScript, and the files they are saved in. */
package mnist.torchscript;
