import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import kafka.server.KafkaConfig;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Prints Apache Kafka's own configuration definitions, tab-separated: `Configs TRIALS`.
 *
 * `row`: kind, key, type, default, rule, importance, internal, update mode. `takes`: kind, key, number of a line of TRIALS
 * that is a value of that key, and how that value is printed.
 */
public final class Configs {
    /** What Kafka does with one value, without the others that it requires. */
    private static final Method PARSE;

    static {
        try {
            PARSE = ConfigDef.class.getDeclaredMethod("parseValue", ConfigDef.ConfigKey.class, Object.class, boolean.class);
            PARSE.setAccessible(true);
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    public static void main(String[] args) throws Exception {
        List<String> trials = Files.readAllLines(Path.of(args[0]));
        Map<String, ConfigDef> kinds = new TreeMap<>();
        kinds.put("broker", KafkaConfig.configDef());
        kinds.put("topic", LogConfig.configDefCopy());
        kinds.put("group", GroupConfig.CONFIG_DEF);
        kinds.put("client-metrics", ClientMetricsConfigs.configDef());
        kinds.put("producer", ProducerConfig.configDef());
        kinds.put("consumer", ConsumerConfig.configDef());
        kinds.put("admin", AdminClientConfig.configDef());
        StringBuilder out = new StringBuilder();
        kinds.forEach((kind, definition) -> new TreeMap<>(definition.configKeys()).values().forEach(key -> {
            String preset = key.defaultValue == ConfigDef.NO_DEFAULT_VALUE
                ? "(required)" : ConfigDef.convertToString(key.defaultValue, key.type);
            out.append(String.join("\t", "row", kind, key.name, key.type.name(), String.valueOf(preset),
                key.validator == null ? "" : key.validator.toString(), key.importance.name(),
                String.valueOf(key.internalConfig), kind.equals("broker") ? updateMode(key.name) : "")).append('\n');
            // A class must be there to be a value: that says nothing of the definition.
            if (key.type != ConfigDef.Type.CLASS) {
                for (int i = 0; i < trials.size(); i++) {
                    String printed = printed(definition, key, trials.get(i));
                    if (printed != null) {
                        out.append(String.join("\t", "takes", kind, key.name, String.valueOf(i), printed)).append('\n');
                    }
                }
            }
        }));
        System.out.print(out);
    }

    private static String printed(ConfigDef definition, ConfigDef.ConfigKey key, String text) {
        try {
            Object value = PARSE.invoke(definition, key, text, true);
            return key.type == ConfigDef.Type.PASSWORD ? "" : ConfigDef.convertToString(value, key.type);
        } catch (InvocationTargetException refused) {
            return null;
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }

    private static String updateMode(String name) {
        Properties properties = new Properties();
        properties.setProperty(name, "");
        if (!DynamicBrokerConfig.nonDynamicConfigs(properties).isEmpty()) {
            return "read-only";
        }
        if (!DynamicBrokerConfig.perBrokerConfigs(properties).isEmpty()) {
            return "per-broker";
        }
        return DynamicBrokerConfig.ALL_DYNAMIC_CONFIGS.contains(name) ? "cluster-wide" : "read-only";
    }
}
