import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import libtorch.*;
import libtorch.data.*;
import libtorch.export.*;
import libtorch.nn.*;
import libtorch.training.*;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.*;
import org.bytedeco.pytorch.Module;
import static org.bytedeco.pytorch.global.torch.*;
LibTorch.load(LibTorch.defaultThreads());

/** Prints a tensor. */
void show(Tensor tensor) {
    System.out.println(Tensors.text(tensor));
}
