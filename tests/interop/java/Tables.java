import java.util.Arrays;
import java.util.TreeSet;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Prints Apache Kafka's own tables, tab-separated: `Tables errors` or `Tables apis`. */
public final class Tables {
    public static void main(String[] args) {
        switch (args.length == 1 ? args[0] : "") {
            case "errors" -> errors();
            case "apis" -> apis();
            default -> throw new IllegalArgumentException("errors or apis");
        }
    }

    /** Code, name, retriable, exception class. */
    private static void errors() {
        for (Errors error : Errors.values()) {
            Exception exception = error.exception();
            String type = exception == null ? "" : exception.getClass().getSimpleName();
            line(error.code(), error.name(), exception instanceof RetriableException, type);
        }
    }

    /** Key, name, oldest and latest version, whether the latest is unstable, first flexible request version, listeners. */
    private static void apis() {
        for (ApiKeys key : ApiKeys.values()) {
            ApiMessageType type = key.messageType;
            int flexible = -1;
            for (short version = type.lowestSupportedVersion(); version <= type.highestSupportedVersion(true); version++) {
                if (type.requestHeaderVersion(version) >= 2) {
                    flexible = version;
                    break;
                }
            }
            TreeSet<String> listeners = new TreeSet<>();
            type.listeners().forEach(listener -> listeners.add(listener.name().toLowerCase()));
            boolean unstable = type.highestSupportedVersion(true) != type.highestSupportedVersion(false);
            line(key.id, key.name, type.lowestSupportedVersion(), type.highestSupportedVersion(true), unstable, flexible,
                String.join(",", listeners));
        }
    }

    private static void line(Object... cells) {
        System.out.println(String.join("\t", Arrays.stream(cells).map(String::valueOf).toList()));
    }
}
