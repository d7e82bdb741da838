package libtorch.export;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import libtorch.export.ProgramFile.Stored;
import org.bytedeco.pytorch.Module;

/**
 * Modules by their names, as "layer1.0": each part is a submodule of the one before.
 *
 * @param <M> the class of the modules
 */
final class ModuleTree<M> {
    private final Map<String, M> modules = new HashMap<>();
    private final BiFunction<M, String, M> adder;

    /** @param adder adds a submodule of a name to a module, and returns it */
    ModuleTree(M root, BiFunction<M, String, M> adder) {
        this.adder = adder;
        modules.put("", root);
    }

    /** Returns the module of a parameter or buffer, created if missing: "layer1.0" of "layer1.0.weight". */
    M owner(String name) {
        String path = name.substring(0, Math.max(0, name.lastIndexOf('.')));
        M module = modules.get(path);
        if (module == null) {
            module = adder.apply(owner(path), leaf(path));
            modules.put(path, module);
        }
        return module;
    }

    /** Returns the last part of a name. */
    static String leaf(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /**
     * Registers a file's parameters and buffers, and its constants as buffers that are not persistent, whose names
     * begin with _; libtorch calls the returned modules, which must stay reachable.
     */
    static ModuleTree<Module> register(Map<String, Stored> tensors, Module root) {
        ModuleTree<Module> tree =
                new ModuleTree<>(root, (parent, name) -> parent.register_module(name, new Module(name)));
        tensors.forEach((name, stored) -> {
            if (stored.kind().equals("parameter")) {
                boolean differentiable =
                        stored.tensor().is_floating_point() || stored.tensor().is_complex();
                boolean trained =
                        stored.entry().get("tensor_meta").get("requires_grad").flag();
                tree.owner(name).register_parameter(leaf(name), stored.tensor(), differentiable && trained);
            } else {
                String leaf = stored.kind().equals("constant") ? "_constant_" + leaf(name) : leaf(name);
                tree.owner(name).register_buffer(leaf, stored.tensor());
            }
        });
        return tree;
    }
}
