package mnist;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import libtorch.nn.Network;
import mnist.prob4.Prob4;
import mnist.prob5.Prob5;
import mnist.prob6.Prob6;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The models of the exercise as the values of an option, and the suppliers of their networks by name. */
final class Models implements ITypeConverter<String>, Iterable<String> {
    static final Map<String, Supplier<Network>> NETWORKS = new LinkedHashMap<>();

    static {
        NETWORKS.putAll(Prob4.networks());
        NETWORKS.putAll(Prob5.networks());
        NETWORKS.putAll(Prob6.networks());
    }

    @Override
    public String convert(String name) {
        if (NETWORKS.containsKey(name)) return name;
        throw new TypeConversionException("expected one of " + NETWORKS.keySet() + " but was '" + name + "'");
    }

    @Override
    public Iterator<String> iterator() {
        return NETWORKS.keySet().iterator();
    }
}
