package libtorch.export;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.LongStream;
import libtorch.LibTorchException;
import libtorch.export.Weights.BadFile;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A pickle in a file of {@code torch.save(model.state_dict(), f)}: which tensors there are, and where their data is.
 * Pickles are programs for a stack machine, and most of its instructions make Python objects of any kind. So this
 * machine has only those that a state_dict needs. (It takes more code to keep a general library for pickles from using
 * the others.)
 *
 * @see <a href="https://github.com/python/cpython/blob/3.13/Lib/pickletools.py">the instructions</a>
 */
final class StatePickle {
    private static final String DICT = "collections.OrderedDict";
    private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
    private static final String PARAMETER = "torch._utils._rebuild_parameter";
    private static final int MOST_DIMENSIONS = 64;

    /**
     * A typed block of memory, which tensors are views of.
     *
     * @param key its name in the file
     */
    record Storage(ScalarType type, String key, long length) {
        Storage {
            if (length < 0) throw new BadFile("a storage has a negative length");
        }

        long bytes() {
            return length <= Long.MAX_VALUE / 8 ? length * torch.elementSize(type) : Long.MAX_VALUE;
        }
    }

    /** A tensor as a view of a storage, which it may share with others; offset and strides count elements. */
    record Stored(Storage storage, long offset, long[] sizes, long[] strides) {
        Stored {
            boolean valid = sizes.length == strides.length
                    && sizes.length <= MOST_DIMENSIONS
                    && offset >= 0
                    && LongStream.concat(LongStream.of(sizes), LongStream.of(strides))
                            .allMatch(number -> number >= 0);
            if (!valid || !Weights.fits(sizes, strides, offset, storage.length))
                throw new BadFile("a tensor lies outside its storage");
        }
    }

    /** A class or function of Python, by its name. */
    private record Global(String name) {}

    /** Python's None. */
    private static final Object NONE = new Object();

    private final ByteBuffer pickle;
    private final Deque<List<Object>> stacks = new ArrayDeque<>(List.of(new ArrayList<>())); // one more for each MARK
    private final Map<Integer, Object> memo = new HashMap<>();

    /** @param pickle little-endian, positioned at the pickle; reading moves it to the end */
    StatePickle(ByteBuffer pickle) {
        this.pickle = pickle;
    }

    /**
     * Returns the tensors by name, in order.
     *
     * @throws BadFile if the pickle is not a state_dict
     */
    Map<String, Stored> tensors() {
        Map<String, Stored> tensors = new LinkedHashMap<>();
        read(StatePickle::dict).forEach((name, value) -> {
            if (!(value instanceof Stored stored))
                throw new BadFile("its " + Weights.printable(name) + " is no tensor");
            tensors.put(name, stored);
        });
        return tensors;
    }

    /** Runs the pickle and returns its result, converted. */
    <T> T read(Function<Object, T> kind) {
        try {
            for (int opcode = next(); opcode != '.'; opcode = next()) step(opcode);
            return kind.apply(pop());
        } catch (BufferUnderflowException | IndexOutOfBoundsException | ClassCastException e) {
            throw new BadFile("its pickle is damaged");
        }
    }

    private void step(int opcode) {
        switch (opcode) {
            case 0x80 -> next(); // PROTO
            case 0x95 -> pickle.getLong(); // FRAME
            case '(' -> stacks.push(new ArrayList<>()); // MARK
            case '}' -> push(new LinkedHashMap<String, Object>()); // EMPTY_DICT
            case ']', ')' -> push(new ArrayList<>()); // EMPTY_LIST, EMPTY_TUPLE
            case 'a' -> append(popLast(1)); // APPEND
            case 'e' -> append(popToMark()); // APPENDS
            case 't' -> push(popToMark()); // TUPLE
            case 0x85, 0x86, 0x87 -> push(popLast(opcode - 0x84)); // TUPLE1, TUPLE2, TUPLE3
            case 'N' -> push(NONE);
            case 0x88 -> push(true); // NEWTRUE
            case 0x89 -> push(false); // NEWFALSE
            case 'K' -> push((long) next()); // BININT1
            case 'M' -> push((long) Short.toUnsignedInt(pickle.getShort())); // BININT2
            case 'J' -> push((long) pickle.getInt()); // BININT
            case 0x8a -> push(integer(next())); // LONG1
            case 'X' -> push(text(pickle.getInt())); // BINUNICODE
            case 0x8c -> push(text(next())); // SHORT_BINUNICODE
            case 'q' -> memo.put(next(), peek()); // BINPUT
            case 'r' -> memo.put(pickle.getInt(), peek()); // LONG_BINPUT
            case 0x94 -> memo.put(memo.size(), peek()); // MEMOIZE
            case 'h' -> push(memoized(next())); // BINGET
            case 'j' -> push(memoized(pickle.getInt())); // LONG_BINGET
            case 's' -> setItems(popLast(2)); // SETITEM
            case 'u' -> setItems(popToMark()); // SETITEMS
            case 'c' -> push(global(line() + "." + line())); // GLOBAL
            case 0x93 -> push(global(popLast(2))); // STACK_GLOBAL
            case 'Q' -> push(storage(list(pop()))); // BINPERSID
            case 'R' -> push(call(popLast(2))); // REDUCE
            case 'b' -> build(dict(pop())); // BUILD
            default -> throw new BadFile("its pickle has the instruction " + name(opcode));
        }
    }

    /** Returns the name of an instruction that makes objects, or the number of another one. */
    private static String name(int opcode) {
        return switch (opcode) {
            case 'i' -> "INST";
            case 'o' -> "OBJ";
            case 'P' -> "PERSID";
            case 0x81 -> "NEWOBJ";
            case 0x82 -> "EXT1";
            case 0x83 -> "EXT2";
            case 0x84 -> "EXT4";
            case 0x92 -> "NEWOBJ_EX";
            default -> String.format("0x%02x", opcode);
        };
    }

    private static Object global(List<Object> moduleAndName) {
        return global((String) moduleAndName.get(0) + "." + (String) moduleAndName.get(1));
    }

    private static Object global(String name) {
        boolean known = Set.of(DICT, TENSOR, PARAMETER).contains(name) || name.matches("torch\\.[A-Za-z0-9]+Storage");
        if (!known) throw new BadFile("its pickle names " + Weights.printable(name));
        return new Global(name);
    }

    private static Object call(List<Object> functionAndArguments) {
        String function = ((Global) functionAndArguments.get(0)).name;
        List<Object> arguments = list(functionAndArguments.get(1));
        return switch (function) {
            case DICT -> {
                if (!arguments.isEmpty()) throw new BadFile("its pickle calls " + function + " with arguments");
                yield new LinkedHashMap<String, Object>();
            }
            case TENSOR -> // storage, offset, sizes, strides, requires_grad, backward hooks
                new Stored(
                        (Storage) arguments.get(0),
                        (Long) arguments.get(1),
                        longs(arguments.get(2)),
                        longs(arguments.get(3)));
            case PARAMETER -> (Stored) arguments.get(0); // data, requires_grad, backward hooks
            default -> throw new BadFile("its pickle calls " + Weights.printable(function));
        };
    }

    /** Reads ("storage", type, key, device, length), and None in the format before zip archives. */
    private static Storage storage(List<Object> id) {
        if (!"storage".equals(id.get(0))) throw new BadFile("its pickle refers to something that is no storage");
        if (id.size() > 5 && id.get(5) != NONE) throw new BadFile("its storages are parts of others");
        String name = ((Global) id.get(1)).name;
        for (ScalarType type : Safetensors.TYPES.values())
            if (name.equals("torch." + type + "Storage"))
                return new Storage(type, (String) id.get(2), (Long) id.get(4));
        throw new BadFile("a tensor has numbers of a type that is not read");
    }

    private void append(List<Object> values) {
        list(peek()).addAll(values);
    }

    private void setItems(List<Object> namesAndValues) {
        Map<String, Object> dict = dict(peek());
        for (int i = 0; i < namesAndValues.size(); i += 2) {
            dict.put((String) namesAndValues.get(i), namesAndValues.get(i + 1));
        }
    }

    /** Ignores a state_dict's _metadata, the versions of its layers; other attributes are rejected. */
    private void build(Map<String, Object> attributes) {
        if (!attributes.keySet().equals(Set.of("_metadata"))) throw new BadFile("its pickle sets attributes");
        dict(peek());
    }

    private Object memoized(int key) {
        if (!memo.containsKey(key)) throw new BadFile("its pickle is damaged");
        return memo.get(key);
    }

    private void push(Object value) {
        stacks.peek().add(value);
    }

    private Object peek() {
        return stacks.peek().get(stacks.peek().size() - 1);
    }

    private Object pop() {
        return stacks.peek().remove(stacks.peek().size() - 1);
    }

    private List<Object> popLast(int n) {
        List<Object> stack = stacks.peek();
        List<Object> last = stack.subList(stack.size() - n, stack.size());
        List<Object> values = new ArrayList<>(last);
        last.clear();
        return values;
    }

    private List<Object> popToMark() {
        if (stacks.size() == 1) throw new BadFile("its pickle is damaged");
        return stacks.pop();
    }

    private int next() {
        return Byte.toUnsignedInt(pickle.get());
    }

    private String text(int length) {
        if (length < 0 || length > pickle.remaining()) throw new BufferUnderflowException();
        byte[] bytes = new byte[length];
        pickle.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() {
        int start = pickle.position();
        int end = start;
        while (pickle.get(end) != '\n') end++;
        String line = text(end - start);
        pickle.get();
        return line;
    }

    /** Reads a signed little-endian integer. */
    private long integer(int bytes) {
        if (bytes > Long.BYTES) throw new BadFile("a number in its pickle is too large");
        long value = 0;
        for (int shift = 0; shift < 8 * bytes; shift += 8) value |= (long) next() << shift;
        int unused = 64 - 8 * bytes;
        return bytes == 0 ? 0 : value << unused >> unused;
    }

    @SuppressWarnings("unchecked") // the machine makes no other maps
    static Map<String, Object> dict(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked") // nor other lists
    static List<Object> list(Object value) {
        return (List<Object>) value;
    }

    private static long[] longs(Object tuple) {
        return list(tuple).stream().mapToLong(value -> (Long) value).toArray();
    }

    /** Returns the pickle of tensors whose storages are "0", "1" and so on, in order. */
    static byte[] write(Map<String, Tensor> state) {
        Writer out = new Writer();
        out.opcode(0x80, 2).global("collections", "OrderedDict").opcode(')', 'R', '(');
        int key = 0;
        for (Map.Entry<String, Tensor> named : state.entrySet()) {
            Tensor tensor = named.getValue();
            long[] sizes = tensor.shape();
            long[] strides = new long[sizes.length];
            long length = 1;
            for (int d = sizes.length - 1; d >= 0; length *= sizes[d--]) strides[d] = length;
            out.text(named.getKey())
                    .global("torch._utils", "_rebuild_tensor_v2")
                    .opcode('(');
            out.opcode('(').text("storage").global("torch", storageOf(tensor));
            out.text(Integer.toString(key++)).text("cpu").number(length).opcode('t', 'Q');
            out.number(0).tuple(sizes).tuple(strides).opcode(0x89);
            out.global("collections", "OrderedDict").opcode(')', 'R', 't', 'R');
        }
        return out.opcode('u', '.').bytes.toByteArray();
    }

    /** Returns the name of Python's class of storages for a tensor, as "FloatStorage". */
    private static String storageOf(Tensor tensor) {
        ScalarType type = tensor.scalar_type().intern();
        if (Safetensors.TYPES.containsValue(type)) return type + "Storage";
        throw new LibTorchException(
                "a tensor of type " + type + " cannot be saved as .pth", "convert it to another type");
    }

    private static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Writer opcode(int... opcodes) {
            for (int opcode : opcodes) bytes.write(opcode);
            return this;
        }

        Writer global(String module, String name) {
            bytes.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
            return this;
        }

        Writer text(String text) {
            byte[] content = text.getBytes(StandardCharsets.UTF_8);
            opcode('X').integer(content.length).bytes.writeBytes(content);
            return this;
        }

        Writer number(long number) {
            return opcode('J').integer(Math.toIntExact(number));
        }

        Writer tuple(long... numbers) {
            opcode('(');
            for (long number : numbers) number(number);
            return opcode('t');
        }

        private Writer integer(int value) {
            return opcode(value, value >> 8, value >> 16, value >> 24);
        }
    }
}
