package libtorch.nn;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Module;

/** Finds layers that are in a field of a network but were not registered, which {@code eval()} does not reach. */
final class UnregisteredLayers {
    private UnregisteredLayers() {}

    /**
     * Checks that a network in eval mode has none: an unregistered layer is still in train mode.
     *
     * @param seen addresses of the networks that were searched already
     * @throws IllegalStateException if there is one
     */
    static void requireNone(Network network, Set<Long> seen) {
        if (!seen.add(network.address())) return;
        for (Class<?> type = network.getClass(); type != Network.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.isSynthetic() || !field.trySetAccessible()) continue; // of a closed Java module
                for (Object layer : elements(field, network)) {
                    boolean program = layer instanceof Network block && block.isProgram(); // is in eval mode
                    if (program
                            ? !network.hasBlock((Network) layer)
                            : layer instanceof Module module && module.is_training())
                        throw new IllegalStateException("layer " + field.getName()
                                + " was not registered; add it with a method of Network such as linear or block, or"
                                + " with register_module");
                    if (layer instanceof Network block) requireNone(block, seen);
                }
            }
        }
    }

    private static Iterable<?> elements(Field field, Network network) {
        try {
            Object value = field.get(network);
            if (value instanceof Object[] array) return Arrays.asList(array);
            if (value instanceof Map<?, ?> map) return map.values();
            return value instanceof Iterable<?> list ? list : Collections.singletonList(value);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e); // it was made accessible
        }
    }
}
