import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * A member of a group that processes records and commits every now and then: `GroupMember ADDRESS GROUP TOPIC PROTOCOL
 * SESSION_MS [INSTANCE]`, with `classic`, `cooperative` or `consumer` as PROTOCOL. What it says, see members.rs.
 */
public final class GroupMember implements ConsumerRebalanceListener {
    /** Often enough for a quick test, seldom enough that a crash leaves something uncommitted. */
    private static final long COMMIT_EVERY_MS = 300;
    private static volatile boolean stopping;
    private final PrintStream out =
        new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, StandardCharsets.UTF_8);
    private final Map<TopicPartition, OffsetAndMetadata> processed = new HashMap<>();
    private final KafkaConsumer<String, String> consumer;

    private GroupMember(Properties properties) {
        consumer = new KafkaConsumer<>(properties);
    }

    public static void main(String[] args) throws Exception {
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping = true;
            try {
                main.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
        new GroupMember(properties(args)).run(args[2]);
    }

    private static Properties properties(String[] args) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("group.id", args[1]);
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        properties.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        properties.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        if (args[3].equals("consumer")) {
            properties.put("group.protocol", "consumer");
        } else {
            properties.put("group.protocol", "classic");
            properties.put("session.timeout.ms", args[4]);
            properties.put("heartbeat.interval.ms", "500");
            String assignor = args[3].equals("cooperative") ? "CooperativeStickyAssignor" : "RangeAssignor";
            properties.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer." + assignor);
        }
        if (args.length > 5) {
            properties.put("group.instance.id", args[5]);
        }
        return properties;
    }

    private void run(String topic) {
        consumer.subscribe(List.of(topic), this);
        long nextCommit = Long.MIN_VALUE;
        while (!stopping) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                out.printf("{\"event\":\"record\",\"partition\":%d,\"offset\":%d,\"key\":\"%s\",\"value\":\"%s\"}%n",
                    record.partition(), record.offset(), record.key(), record.value());
                processed.put(new TopicPartition(record.topic(), record.partition()),
                    new OffsetAndMetadata(record.offset() + 1));
            }
            out.flush();
            if (System.nanoTime() / 1_000_000 >= nextCommit) {
                commit();
                nextCommit = System.nanoTime() / 1_000_000 + COMMIT_EVERY_MS;
            }
        }
        consumer.close();
        out.println("{\"event\":\"left\"}");
        out.flush();
    }

    private void commit() {
        if (processed.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(processed, Duration.ofSeconds(10));
            processed.forEach((partition, offset) -> out.printf(
                "{\"event\":\"committed\",\"partition\":%d,\"offset\":%d}%n", partition.partition(), offset.offset()));
            processed.clear();
        } catch (KafkaException e) {
            // Another attempt follows, after the next poll or before the partition goes.
            out.printf("{\"event\":\"commit_failed\",\"error\":\"%s\"}%n", e.getClass().getSimpleName());
        }
        out.flush();
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        tell("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        commit();
        processed.keySet().removeAll(partitions);
        tell("revoked", partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        processed.keySet().removeAll(partitions);
        tell("lost", partitions);
    }

    private void tell(String event, Collection<TopicPartition> partitions) {
        String numbers = partitions.stream().map(p -> "" + p.partition()).collect(Collectors.joining(","));
        out.printf("{\"event\":\"%s\",\"partitions\":[%s],\"at\":%d}%n", event, numbers, System.currentTimeMillis());
        out.flush();
    }
}
