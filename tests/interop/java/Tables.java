import java.util.Arrays;
import org.apache.kafka.common.errors.RefreshRetriableException;
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

    /** Code, name, whether the client retries it, whether it first looks up leader or coordinator again. */
    private static void errors() {
        for (Errors error : Errors.values()) {
            Exception exception = error.exception();
            line(error.code(), error.name(), exception instanceof RetriableException,
                exception instanceof RefreshRetriableException);
        }
    }

    /**
     * Key, name, oldest and latest version, whether the latest is unstable, whether it is forwarded, what ApiVersions says on
     * a broker and on a controller, and each version's request and response header.
     */
    private static void apis() {
        for (ApiKeys key : ApiKeys.values()) {
            ApiMessageType type = key.messageType;
            short lowest = type.lowestSupportedVersion();
            short highest = type.highestSupportedVersion(true);
            StringBuilder headers = new StringBuilder();
            for (short version = lowest; version <= highest; version++) {
                headers.append(type.requestHeaderVersion(version)).append('/').append(type.responseHeaderVersion(version))
                    .append(' ');
            }
            line(key.id, key.name, lowest, highest, type.latestVersionUnstable(), key.forwardable,
                said(key, ApiMessageType.ListenerType.BROKER), said(key, ApiMessageType.ListenerType.CONTROLLER),
                headers.toString().trim());
        }
    }

    private static String said(ApiKeys key, ApiMessageType.ListenerType listener) {
        return key.inScope(listener)
            ? key.toApiVersionForApiResponse(false, listener).map(said -> said.minVersion() + "-" + said.maxVersion()).orElse("")
            : "";
    }

    private static void line(Object... cells) {
        System.out.println(String.join("\t", Arrays.stream(cells).map(String::valueOf).toList()));
    }
}
