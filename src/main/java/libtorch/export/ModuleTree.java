package libtorch.export;

import java.util.HashMap;
import java.util.Map;
import libtorch.export.ProgramFile.Stored;
import org.bytedeco.pytorch.Module;

/** Registers tensors under names with points, as "layer1.0.weight": each part is a module in the one before. */
final class ModuleTree {
    private final Map<String, Module> modules = new HashMap<>();

    ModuleTree(Module root) {
        modules.put("", root);
    }

    void add(String name, Stored stored) {
        if (stored.kind().equals("constant")) return;
        int point = name.lastIndexOf('.');
        Module module = module(name.substring(0, Math.max(0, point)));
        String leaf = name.substring(point + 1);
        if (stored.kind().equals("parameter")) {
            boolean numbers =
                    stored.tensor().is_floating_point() || stored.tensor().is_complex();
            boolean trained =
                    stored.entry().get("tensor_meta").get("requires_grad").flag();
            module.register_parameter(leaf, stored.tensor(), numbers && trained);
        } else {
            module.register_buffer(leaf, stored.tensor());
        }
    }

    private Module module(String name) {
        Module known = modules.get(name);
        if (known != null) return known;
        int point = name.lastIndexOf('.');
        Module parent = module(name.substring(0, Math.max(0, point)));
        Module module = new Module(name);
        parent.register_module(name.substring(point + 1), module);
        modules.put(name, module);
        return module;
    }
}
