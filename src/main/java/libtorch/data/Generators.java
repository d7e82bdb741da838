package libtorch.data;

import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The random number generators of one training or evaluation. Each has its own, so that other threads do not advance
 * them.
 *
 * @param cpu for the order of examples, on any device
 * @param device for noise; on the CPU, the same generator
 */
public record Generators(Generator cpu, Generator device) {
    /**
     * Returns libtorch's default generators, in the open scope. Dropout draws from them too, so that all random numbers
     * of a training come from one stream, as in Python. For one training at a time.
     */
    public static Generators defaults(Device device) {
        Generator cpu = new Generator(torch.getDefaultCPUGenerator());
        return new Generators(cpu, device.is_cuda() ? new Generator(cudaDefault(device)) : cpu);
    }

    /** Copies libtorch's default generators with their current state; in the open scope. */
    public static Generators copyOfDefault(Device device) {
        Generator cpu = torch.getDefaultCPUGenerator().clone();
        return new Generators(cpu, device.is_cuda() ? cudaDefault(device).clone() : cpu);
    }

    /** Makes new generators; in the open scope. */
    public static Generators seeded(long seed, Device device) {
        Generator cpu = torch.make_generator_cpu(seed);
        if (!device.is_cuda()) return new Generators(cpu, cpu);
        Generator cuda = cudaDefault(device).clone();
        cuda.set_current_seed(seed);
        return new Generators(cpu, cuda);
    }

    private static Generator cudaDefault(Device device) {
        return torch.globalContext().defaultGenerator(device);
    }

    /** Draws the numbers from 0 to n-1 in a random order, as longs on the CPU. */
    public Tensor permutation(long n) {
        return torch.randperm(n, new GeneratorOptional(cpu));
    }

    /** Draws from the standard normal distribution, in the shape of a tensor on the device, and of its type. */
    public Tensor normal(Tensor like) {
        return torch.randn_like(like, new GeneratorOptional(device));
    }

    /** Returns the states of all generators; in the open scope. */
    public List<Tensor> states() {
        return all().stream().map(Generator::get_state).toList();
    }

    /** Restores states of all generators. */
    public void restore(List<Tensor> states) {
        for (int i = 0; i < states.size(); i++) all().get(i).set_state(states.get(i));
    }

    /** Runs an action and then restores the states of all generators, also if it fails; in the open scope. */
    public <R> R unchangedBy(Supplier<R> action) {
        List<Tensor> states = states();
        try {
            return action.get();
        } finally {
            restore(states);
        }
    }

    /** Returns the distinct generators. */
    public List<Generator> all() {
        return cpu.equals(device) ? List.of(cpu) : List.of(cpu, device);
    }
}
