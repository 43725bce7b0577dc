import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;

/**
 * Transactional producers and readers that do as they are told: `TransactionalClient ADDRESS`. What it is told and what it
 * says, see transactional.rs. Runs with the older client too.
 */
public final class TransactionalClient {
    private static final Duration POLL = Duration.ofMillis(100);
    private final String address;
    private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();
    private final Map<String, List<Future<RecordMetadata>>> sent = new HashMap<>();

    private TransactionalClient(String address) {
        this.address = address;
    }

    public static void main(String[] args) throws Exception {
        new TransactionalClient(args[0]).run();
    }

    private void run() throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer = "ok";
            try {
                obey(line.split(" "));
            } catch (ExecutionException e) {
                answer = "error " + e.getCause().getClass().getSimpleName();
                e.printStackTrace();
            } catch (Exception e) {
                answer = "error " + e.getClass().getSimpleName();
                e.printStackTrace();
            }
            System.out.println(answer);
            System.out.flush();
        }
        // Without farewells: what is open stays open.
        Runtime.getRuntime().halt(0);
    }

    private void obey(String[] words) throws Exception {
        KafkaProducer<String, String> producer = producers.get(words[1]);
        switch (words[0]) {
            case "open" -> open(words[1], words[2], words[3], words[4]);
            case "init" -> producer.initTransactions();
            case "begin" -> producer.beginTransaction();
            case "send" -> send(words);
            case "flush" -> flush(words[1]);
            case "offsets" -> producer.sendOffsetsToTransaction(
                Map.of(new TopicPartition(words[3], Integer.parseInt(words[4])), new OffsetAndMetadata(Long.parseLong(words[5]))),
                new ConsumerGroupMetadata(words[2]));
            case "commit" -> producer.commitTransaction();
            case "abort" -> producer.abortTransaction();
            case "read" -> read(Path.of(words[1]), words[2], Integer.parseInt(words[3]), words[4]);
            case "loop" -> loop(words[1], words[2], words[3], words[4], Integer.parseInt(words[5]));
            default -> throw new IllegalArgumentException(words[0]);
        }
    }

    private void open(String name, String id, String codec, String timeout) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", address);
        properties.put("transactional.id", id);
        properties.put("compression.type", codec);
        properties.put("transaction.timeout.ms", timeout);
        properties.put("linger.ms", "2");
        properties.put("batch.size", "4096");
        properties.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        properties.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        producers.put(name, new KafkaProducer<>(properties));
        sent.put(name, new ArrayList<>());
    }

    private void send(String[] words) {
        int partition = Integer.parseInt(words[3]);
        int count = Integer.parseInt(words[5]);
        int size = Integer.parseInt(words[6]);
        for (int number = 0; number < count; number++) {
            StringBuilder value = new StringBuilder(words[4]).append('-').append(number);
            while (value.length() < size) {
                value.append('.');
            }
            sent.get(words[1]).add(
                producers.get(words[1]).send(new ProducerRecord<>(words[2], partition, null, value.toString())));
        }
    }

    private void flush(String name) throws Exception {
        producers.get(name).flush();
        List<Future<RecordMetadata>> all = List.copyOf(sent.get(name));
        sent.get(name).clear();
        for (Future<RecordMetadata> one : all) {
            one.get();
        }
    }

    private Properties consumer(String isolation) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", address);
        properties.put("isolation.level", isolation);
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        properties.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        properties.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
        return properties;
    }

    /** Everything up to where the partitions end now, for readers of that isolation. */
    private void read(Path file, String topic, int partitions, String isolation) throws IOException {
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            all.add(new TopicPartition(topic, partition));
        }
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file));
             KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consumer(isolation))) {
            consumer.assign(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    if (record.offset() < ends.get(new TopicPartition(topic, record.partition()))) {
                        out.println(record.partition() + " " + record.offset() + " " + record.value());
                    }
                }
            }
        }
    }

    /** Transforms until it is told something else. */
    private void loop(String name, String group, String input, String output, int abortEvery) throws IOException {
        Properties properties = consumer("read_committed");
        properties.put("group.id", group);
        properties.put("group.instance.id", group);
        properties.put("session.timeout.ms", "10000");
        properties.put("max.poll.records", "20");
        KafkaProducer<String, String> producer = producers.get(name);
        int transactions = 0;
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties)) {
            consumer.subscribe(List.of(input));
            while (!in.ready()) {
                ConsumerRecords<String, String> records = consumer.poll(POLL);
                if (records.isEmpty()) {
                    continue;
                }
                producer.beginTransaction();
                try {
                    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                    for (ConsumerRecord<String, String> record : records) {
                        producer.send(new ProducerRecord<>(output, record.partition(), null,
                            record.value().toUpperCase(Locale.ROOT)));
                        offsets.put(new TopicPartition(input, record.partition()), new OffsetAndMetadata(record.offset() + 1));
                    }
                    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                    transactions++;
                    if (transactions % abortEvery == 0) {
                        producer.flush();
                        throw new KafkaException("this one is to be aborted");
                    }
                    producer.commitTransaction();
                    System.out.println("committed");
                } catch (ProducerFencedException e) {
                    throw e;
                } catch (KafkaException e) {
                    producer.abortTransaction();
                    rewind(consumer);
                    System.out.println("aborted");
                }
                System.out.flush();
            }
        }
    }

    private static void rewind(KafkaConsumer<String, String> consumer) {
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(consumer.assignment());
        for (TopicPartition partition : consumer.assignment()) {
            OffsetAndMetadata offset = committed.get(partition);
            consumer.seek(partition, offset == null ? 0 : offset.offset());
        }
    }
}
