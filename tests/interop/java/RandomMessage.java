import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Fills a generated message with random values of exactly the fields that a version has, as its schema says. */
final class RandomMessage {
    private static final String[] LETTERS = {"a", "Z", "0", "-", "_", ".", " ", "\u0000", "ä", "ß", "Ж", "漢", "\uD83D\uDE80"};
    private static final long[] EDGES = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE, 127, 128};
    private final Random random;
    /** Of a hundred fields, how many get a value. */
    private final int density;

    RandomMessage(Random random, int density) {
        this.random = random;
        this.density = density;
    }

    /** Fields of `message` that `schema` does not have stay as they are; so do some that it has. */
    void fill(Message message, Schema schema) throws ReflectiveOperationException {
        fill(message, schema, 0);
    }

    private void fill(Message message, Schema schema, int depth) throws ReflectiveOperationException {
        Map<String, Field> fields = new HashMap<>();
        for (Field field : message.getClass().getDeclaredFields()) {
            field.setAccessible(true);
            fields.put(plain(field.getName()), field);
        }
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                for (var known : tagged.fields().values()) {
                    set(message, fields, known, depth);
                }
                unknownTags(message);
            } else {
                set(message, fields, bound.def, depth);
            }
        }
    }

    /** A schema names a field with underscores, its class in camel case. */
    private static String plain(String name) {
        return name.replace("_", "").toLowerCase(Locale.ROOT);
    }

    private void set(Message message, Map<String, Field> fields, org.apache.kafka.common.protocol.types.Field known, int depth)
            throws ReflectiveOperationException {
        Field field = fields.get(plain(known.name));
        if (field == null) {
            throw new IllegalStateException(message.getClass() + " has no field for " + known.name);
        }
        // Records have no default: where null is not allowed, a value must be set.
        boolean must = field.get(message) == null && !known.type.isNullable();
        if (must || random.nextInt(100) < density) {
            field.set(message, value(field.getGenericType(), known.type, depth));
        }
    }

    private void unknownTags(Message message) {
        int tag = 1000;
        while (random.nextInt(1000) < density) {
            message.unknownTaggedFields().add(new RawTaggedField(tag, bytes()));
            tag += 1 + random.nextInt(20000);
        }
    }

    private Object value(Type type, org.apache.kafka.common.protocol.types.Type schema, int depth)
            throws ReflectiveOperationException {
        if (schema.isNullable() && random.nextInt(4) == 0) {
            return null;
        }
        if (schema.isArray()) {
            return collection(type, schema.arrayElementType().orElseThrow(), depth);
        }
        if (schema instanceof Schema struct) {
            Message inner = ((Class<?>) type).asSubclass(Message.class).getDeclaredConstructor().newInstance();
            fill(inner, struct, depth + 1);
            return inner;
        }
        return switch (type.getTypeName()) {
            case "boolean" -> random.nextBoolean();
            case "byte", "java.lang.Byte" -> (byte) number();
            case "short", "java.lang.Short" -> (short) number();
            case "int", "java.lang.Integer" -> schema.toString().equals("UINT16") ? (int) number() & 0xffff : (int) number();
            case "long", "java.lang.Long" ->
                schema.toString().equals("UNSIGNED_INT32") ? number() & 0xffffffffL : number();
            case "double", "java.lang.Double" -> random.nextGaussian() * 1e9;
            case "java.lang.String" -> string();
            case "org.apache.kafka.common.Uuid" -> new Uuid(random.nextLong(), random.nextLong());
            case "byte[]" -> bytes();
            case "java.nio.ByteBuffer" -> ByteBuffer.wrap(bytes());
            default -> {
                if (schema.toString().contains("RECORDS")) {
                    yield MemoryRecords.readableRecords(ByteBuffer.wrap(bytes()));
                }
                throw new IllegalStateException("no random value for " + type + " as " + schema);
            }
        };
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private Object collection(Type type, org.apache.kafka.common.protocol.types.Type schema, int depth)
            throws ReflectiveOperationException {
        Collection to;
        Type element;
        if (type instanceof ParameterizedType list) {
            to = new ArrayList();
            element = list.getActualTypeArguments()[0];
        } else {
            // A set with keys of its own: its superclass says what it holds.
            Class<?> set = (Class<?>) type;
            to = (Collection) set.getDeclaredConstructor().newInstance();
            element = ((ParameterizedType) set.getGenericSuperclass()).getActualTypeArguments()[0];
        }
        int length = depth > 3 ? random.nextInt(2) : random.nextInt(20) == 0 ? 10 : random.nextInt(4);
        for (int i = 0; i < length; i++) {
            Object value = value(element, schema, depth + 1);
            if (!to.add(value)) {
                throw new IllegalStateException(type + " refuses " + value);
            }
        }
        return to;
    }

    private long number() {
        return random.nextInt(3) == 0 ? EDGES[random.nextInt(EDGES.length)] : random.nextLong() >> random.nextInt(64);
    }

    /** Lengths on both sides of where a compact length takes a second byte. */
    private int length() {
        return random.nextInt(10) == 0 ? 120 + random.nextInt(16) : random.nextInt(12);
    }

    private String string() {
        StringBuilder text = new StringBuilder();
        for (int left = length(); left > 0; left--) {
            text.append(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return text.toString();
    }

    private byte[] bytes() {
        byte[] bytes = new byte[length()];
        random.nextBytes(bytes);
        return bytes;
    }
}
