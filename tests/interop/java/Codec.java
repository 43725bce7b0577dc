import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;

/**
 * Apache Kafka's side of the codec comparison, over every generated message class that its jars have.
 *
 * `Codec list`: name, oldest and latest version, first flexible version (-1: none), tab-separated.
 * `Codec write SEED COUNT FILE`: COUNT random values of every message in every version, as frames.
 * `Codec convert SEED COUNT FILE`: the same, each followed by what it is in every version: `=` bytes, or `!` no place for it.
 * `Codec check FILE`: decodes and encodes the frames of FILE; prints each version's first difference; fails if any.
 * A frame: name (u16 length, UTF-8), version i16, body (i32 length, bytes).
 */
public final class Codec {
    public static void main(String[] args) throws Exception {
        Map<String, Class<? extends Message>> messages = messages();
        switch (args.length == 0 ? "" : args[0]) {
            case "list" -> list(messages);
            case "write" -> write(messages, Long.parseLong(args[1]), Integer.parseInt(args[2]), Path.of(args[3]));
            case "convert" -> convert(messages, Long.parseLong(args[1]), Integer.parseInt(args[2]), Path.of(args[3]));
            case "check" -> System.exit(check(messages, Path.of(args[1])) ? 0 : 1);
            default -> throw new IllegalArgumentException("list, write, convert or check");
        }
    }

    /** Kafka's name of a message to its generated class. */
    private static Map<String, Class<? extends Message>> messages() throws Exception {
        Map<String, Class<? extends Message>> found = new TreeMap<>();
        for (String place : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String file = new File(place).getName();
            if (!file.startsWith("kafka") || !file.endsWith(".jar")) {
                continue;
            }
            try (ZipFile jar = new ZipFile(place)) {
                for (var entry : jar.stream().toList()) {
                    String path = entry.getName();
                    boolean generated = path.contains("/generated/") || path.contains("/common/message/")
                        || path.contains("/common/metadata/");
                    if (generated && path.endsWith(".class") && path.indexOf('$') < 0) {
                        String name = path.substring(0, path.length() - ".class".length()).replace('/', '.');
                        Class<?> type = Class.forName(name, false, Codec.class.getClassLoader());
                        if (Message.class.isAssignableFrom(type) && !type.isInterface()) {
                            Class<?> before = found.put(kafkaName(type), type.asSubclass(Message.class));
                            if (before != null && before != type) {
                                throw new IllegalStateException("two classes: " + before + ", " + type);
                            }
                        }
                    }
                }
            }
        }
        return found;
    }

    private static String kafkaName(Class<?> type) {
        String name = type.getSimpleName();
        for (String kind : new String[] {"Request", "Response", "Header"}) {
            if (name.endsWith(kind + "Data")) {
                return name.substring(0, name.length() - "Data".length());
            }
        }
        return name;
    }

    private static short bound(Class<?> type, String which) throws ReflectiveOperationException {
        return type.getField(which + "_SUPPORTED_VERSION").getShort(null);
    }

    private static Schema schema(Class<?> type, short version) throws ReflectiveOperationException {
        return ((Schema[]) type.getField("SCHEMAS").get(null))[version];
    }

    private static void list(Map<String, Class<? extends Message>> messages) throws ReflectiveOperationException {
        for (var entry : messages.entrySet()) {
            short lowest = bound(entry.getValue(), "LOWEST");
            short highest = bound(entry.getValue(), "HIGHEST");
            int flexible = -1;
            for (short version = lowest; version <= highest && flexible < 0; version++) {
                for (BoundField field : schema(entry.getValue(), version).fields()) {
                    if (field.def.type instanceof TaggedFields) {
                        flexible = version;
                    }
                }
            }
            System.out.println(entry.getKey() + "\t" + lowest + "\t" + highest + "\t" + flexible);
        }
    }

    private static byte[] encode(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        int size = message.size(cache, version);
        ByteBufferAccessor to = new ByteBufferAccessor(ByteBuffer.allocate(size));
        message.write(to, cache, version);
        if (to.remaining() != 0) {
            throw new IllegalStateException(to.remaining() + " bytes of the computed size not written");
        }
        return to.buffer().array();
    }

    private static void write(Map<String, Class<? extends Message>> messages, long seed, int count, Path file)
            throws IOException, ReflectiveOperationException {
        try (var to = new DataOutputStream(Files.newOutputStream(file))) {
            for (var entry : messages.entrySet()) {
                Class<? extends Message> type = entry.getValue();
                for (short version = bound(type, "LOWEST"); version <= bound(type, "HIGHEST"); version++) {
                    RandomMessage random = new RandomMessage(new Random(seed ^ (entry.getKey().hashCode() * 31L + version)), 85);
                    for (int i = 0; i < count; i++) {
                        byte[] body = i == 0 ? fresh(type, version) : null;
                        if (body == null) {
                            Message message = type.getConstructor().newInstance();
                            random.fill(message, schema(type, version));
                            body = encode(message, version);
                        }
                        frame(to, entry.getKey(), version, body);
                    }
                }
            }
        }
    }

    private static void frame(DataOutputStream to, String name, short version, byte[] body) throws IOException {
        to.writeUTF(name);
        to.writeShort(version);
        to.writeInt(body.length);
        to.write(body);
    }

    /** Few fields are set, so that most values have a place in many versions. */
    private static void convert(Map<String, Class<? extends Message>> messages, long seed, int count, Path file)
            throws IOException, ReflectiveOperationException {
        try (var to = new DataOutputStream(Files.newOutputStream(file))) {
            for (var entry : messages.entrySet()) {
                Class<? extends Message> type = entry.getValue();
                short lowest = bound(type, "LOWEST");
                short highest = bound(type, "HIGHEST");
                for (short from = lowest; from <= highest; from++) {
                    Random random = new Random(seed ^ (entry.getKey().hashCode() * 37L + from));
                    for (int i = 0; i < count; i++) {
                        Message message = type.getConstructor().newInstance();
                        new RandomMessage(random, 5 + 60 * i / count).fill(message, schema(type, from));
                        byte[] body = encode(message, from);
                        frame(to, entry.getKey(), from, body);
                        message = type.getConstructor().newInstance();
                        message.read(new ByteBufferAccessor(ByteBuffer.wrap(body)), from);
                        for (short other = lowest; other <= highest; other++) {
                            try {
                                frame(to, "=", other, encode(message, other));
                            } catch (UnsupportedVersionException | NullPointerException noPlace) {
                                frame(to, "!", other, new byte[0]);
                            }
                        }
                    }
                }
            }
        }
    }

    /** What a new object holds; null if it is incomplete, as one with records is. */
    private static byte[] fresh(Class<? extends Message> type, short version) throws ReflectiveOperationException {
        try {
            return encode(type.getConstructor().newInstance(), version);
        } catch (NullPointerException incomplete) {
            return null;
        }
    }

    /** Why the bytes do not survive, or null. */
    private static String difference(Class<? extends Message> type, short version, byte[] body) {
        if (type == null) {
            return "Apache Kafka has no such message";
        }
        try {
            if (version < bound(type, "LOWEST") || version > bound(type, "HIGHEST")) {
                return "Apache Kafka has no such version";
            }
            ByteBufferAccessor from = new ByteBufferAccessor(ByteBuffer.wrap(body));
            Message message = type.getConstructor().newInstance();
            message.read(from, version);
            if (from.remaining() != 0) {
                return from.remaining() + " bytes left over; read " + message;
            }
            byte[] again = encode(message, version);
            int at = Arrays.mismatch(body, again);
            return at < 0 ? null : "differs at byte " + at + ": Apache Kafka writes " + HexFormat.of().formatHex(again)
                + "; read " + message;
        } catch (Exception | StackOverflowError error) {
            return error.toString();
        }
    }

    private static boolean check(Map<String, Class<? extends Message>> messages, Path file) throws IOException {
        Map<String, String> first = new LinkedHashMap<>();
        Map<String, Integer> failed = new TreeMap<>();
        int total = 0;
        try (var from = new DataInputStream(Files.newInputStream(file))) {
            while (true) {
                String name;
                try {
                    name = from.readUTF();
                } catch (EOFException end) {
                    break;
                }
                short version = from.readShort();
                byte[] body = from.readNBytes(from.readInt());
                total++;
                String why = difference(messages.get(name), version, body);
                if (why != null) {
                    String which = name + " v" + version;
                    first.putIfAbsent(which, why + "\n    of " + HexFormat.of().formatHex(body));
                    failed.merge(which, 1, Integer::sum);
                }
            }
        }
        first.forEach((which, why) -> System.out.println(which + ": " + failed.get(which) + " values differ; first: " + why));
        System.out.println(total + " values");
        return failed.isEmpty();
    }
}
