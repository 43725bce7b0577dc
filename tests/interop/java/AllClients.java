import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Uses each of Kafka's clients once, so that their classes are loaded: `AllClients ADDRESS TOPIC`, where TOPIC is new. */
public final class AllClients {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private AllClients() {}

    public static void main(String[] args) throws Exception {
        String address = args[0];
        String topic = args[1];
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        StringSerializer serializer = new StringSerializer();
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", address, "transactional.id", topic), serializer, serializer)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "key", "value")).get();
            producer.commitTransaction();
        }
        for (String protocol : List.of("classic", "consumer")) {
            consume(address, topic, protocol);
        }
    }

    private static void consume(String address, String topic, String protocol) {
        StringDeserializer deserializer = new StringDeserializer();
        Map<String, Object> configs = Map.of(
                "bootstrap.servers", address, "group.id", topic + "-" + protocol, "group.protocol", protocol,
                "auto.offset.reset", "earliest", "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(configs, deserializer, deserializer)) {
            consumer.subscribe(List.of(topic));
            if (consumer.poll(LIMIT).isEmpty()) {
                throw new IllegalStateException(protocol + ": nothing to read");
            }
            consumer.commitSync();
        }
    }
}
