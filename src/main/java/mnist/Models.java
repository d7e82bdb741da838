package mnist;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import libtorch.nn.Network;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Prob6;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The models that the exercise demands: their names, and what builds their networks. */
final class Models {
    private static final Map<String, Supplier<Network>> ALL = new LinkedHashMap<>();

    static {
        ALL.putAll(Prob4.networks());
        ALL.putAll(Prob5.networks());
        ALL.putAll(Prob6.networks());
    }

    private Models() {}

    /** One of the models. */
    record Model(String name, Supplier<Network> network) {
        /** Reads a name as users type it. */
        static final class Converter implements ITypeConverter<Model> {
            @Override
            public Model convert(String name) {
                if (ALL.containsKey(name)) return new Model(name, ALL.get(name));
                throw new TypeConversionException("expected one of " + ALL.keySet() + " but was '" + name + "'");
            }
        }
    }

    static Iterable<String> names() {
        return ALL.keySet();
    }

    /** Finds the model that a file is named after. */
    static Optional<Model> of(Path file, String suffix) {
        return ALL.entrySet().stream()
                .filter(model -> file.getFileName().toString().equals(model.getKey() + suffix))
                .map(model -> new Model(model.getKey(), model.getValue()))
                .findFirst();
    }

    /** The names, for help. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return names().iterator();
        }
    }
}
