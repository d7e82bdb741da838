package mnist;

import java.util.List;
import mnist.torchscript.Network;
import org.bytedeco.pytorch.Tensor;

/** A network that is never saved as TorchScript. */
public abstract class ScriptlessNetwork extends Network {
    protected ScriptlessNetwork(String name) {
        super(name);
    }

    @Override
    public final String torchScript() {
        return "";
    }

    @Override
    public final List<Call> callAll(Tensor images) {
        return List.of();
    }
}
