import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Kafka Streams counting words: `WordCount ADDRESS APPLICATION INPUT OUTPUT STATE_DIR [GUARANTEE]`. The output's key is a
 * word, its value the count in text; words are shared out by way of APPLICATION-words-repartition. Says `{"event":"running"}` whenever it is, and `{"event":"left"}` at the end, on SIGTERM.
 */
public final class WordCount {
    public static void main(String[] args) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", args[0]);
        properties.put("application.id", args[1]);
        properties.put("state.dir", args[4]);
        properties.put("processing.guarantee", args.length > 5 ? args[5] : "at_least_once");
        properties.put("commit.interval.ms", "300");
        properties.put("replication.factor", "1");
        properties.put("session.timeout.ms", "6000");
        properties.put("heartbeat.interval.ms", "500");
        properties.put("producer.transaction.timeout.ms", "5000");
        properties.put("consumer.auto.offset.reset", "earliest");
        properties.put("consumer.max.poll.records", "50");
        properties.put("default.key.serde", Serdes.StringSerde.class.getName());
        properties.put("default.value.serde", Serdes.StringSerde.class.getName());
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream(args[2])
            .flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word, Grouped.as("words"))
            .count()
            .toStream()
            .mapValues(count -> Long.toString(count))
            .to(args[3], Produced.with(Serdes.String(), Serdes.String()));
        KafkaStreams streams = new KafkaStreams(builder.build(), properties);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                say("running");
            } else if (now == KafkaStreams.State.ERROR) {
                Runtime.getRuntime().halt(1);
            }
        });
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            boolean closed = streams.close(new KafkaStreams.CloseOptions().leaveGroup(true).timeout(Duration.ofSeconds(20)));
            say(closed ? "left" : "stuck");
            stopped.countDown();
        }));
        streams.start();
        stopped.await();
    }

    private static void say(String event) {
        System.out.println("{\"event\":\"" + event + "\"}");
        System.out.flush();
    }
}
