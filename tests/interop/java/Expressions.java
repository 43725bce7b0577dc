import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What subscription expressions match according to the library of Apache Kafka's coordinator: `Expressions IN OUT`, or
 * `Expressions names` for the names of all Unicode classes that it has.
 *
 * A text is its length in bytes as an i32 and itself in UTF-8. A case: the expression; topics (i32 count, texts).
 * Its answer: 1 and an i8 for each topic, whether it is matched as a whole; or 0 if the expression is refused.
 */
public final class Expressions {
    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        if (args[0].equals("names")) {
            names();
            return;
        }
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(Path.of(args[0])));
             DataOutputStream out = new DataOutputStream(answers)) {
            while (true) {
                int length;
                try {
                    length = in.readInt();
                } catch (EOFException end) {
                    break;
                }
                answer(text(in, length), in, out);
            }
        }
        Files.write(Path.of(args[1]), answers.toByteArray());
    }

    private static void names() throws ReflectiveOperationException {
        Class<?> tables = Class.forName("com.google.re2j.UnicodeTables");
        for (String name : List.of("CATEGORIES", "SCRIPTS")) {
            Field field = tables.getDeclaredField(name);
            field.setAccessible(true);
            for (Object key : ((Map<?, ?>) field.get(null)).keySet()) {
                System.out.println(key);
            }
        }
    }

    private static String text(DataInputStream in, int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private static void answer(String expression, DataInputStream in, DataOutputStream out) throws IOException {
        List<String> topics = new ArrayList<>();
        int count = in.readInt();
        for (int at = 0; at < count; at++) {
            topics.add(text(in, in.readInt()));
        }
        Pattern pattern;
        try {
            pattern = Pattern.compile(expression);
        } catch (PatternSyntaxException | IndexOutOfBoundsException refused) {
            // The second is an oversight of the library's.
            out.writeByte(0);
            return;
        }
        out.writeByte(1);
        for (String topic : topics) {
            Matcher matcher = pattern.matcher(topic);
            out.writeByte(matcher.matches() ? 1 : 0);
        }
    }
}
