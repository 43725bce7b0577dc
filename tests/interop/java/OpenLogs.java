import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Opens logs as Apache Kafka does, says what they hold, and closes them: `OpenLogs ORDERS OUT`.
 *
 * An order is a line: directory, whether the last stop was clean, recovery point, log start offset, segment.bytes,
 * index.interval.bytes, and times to look up, divided by tabs. What is said is a line an order, see {@link #tell}; of a log
 * that cannot be opened, "refused" and why.
 */
public final class OpenLogs {
    public static void main(String[] args) throws Exception {
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        try (PrintStream out = new PrintStream(args[1], StandardCharsets.UTF_8)) {
            for (String line : Files.readAllLines(Path.of(args[0]))) {
                String[] order = line.split("\t");
                String told;
                try {
                    UnifiedLog log = open(order, scheduler);
                    log.updateHighWatermark(log.logEndOffset());
                    told = tell(log, order);
                    log.prepareActiveSegmentForClose();
                    log.flush(true);
                    log.close();
                } catch (Exception | Error refusal) {
                    told = "refused: " + refusal.toString().replace('\n', ' ');
                }
                out.println(told);
            }
        }
        scheduler.shutdown();
    }

    private static UnifiedLog open(String[] order, KafkaScheduler scheduler) throws IOException {
        Properties properties = new Properties();
        properties.put("internal.segment.bytes", order[4]);
        properties.put("index.interval.bytes", order[5]);
        properties.put("retention.ms", "-1");
        return UnifiedLog.create(new File(order[0]), new LogConfig(properties), Long.parseLong(order[3]),
            Long.parseLong(order[2]), scheduler, new BrokerTopicStats(), Time.SYSTEM, 900_000,
            new ProducerStateManagerConfig(Integer.MAX_VALUE, false), 600_000, new LogDirFailureChannel(1),
            Boolean.parseBoolean(order[1]), Optional.empty());
    }

    /** Log start, end, last stable offset; segments; leader epochs; producers; offsets by time. */
    private static String tell(UnifiedLog log, String[] order) {
        StringBuilder text = new StringBuilder();
        text.append(log.logStartOffset()).append(' ').append(log.logEndOffset()).append(' ')
            .append(log.lastStableOffset()).append('\t');
        log.logSegments().forEach(s -> text.append(s.baseOffset()).append(':').append(s.size()).append(' '));
        text.append('\t');
        log.leaderEpochCache().epochEntries()
            .forEach(e -> text.append(e.epoch()).append(':').append(e.startOffset()).append(' '));
        text.append('\t');
        TreeMap<Long, ProducerState> producers = new TreeMap<>();
        log.activeProducers().forEach(p -> producers.put(p.producerId(), p));
        producers.values().forEach(p -> text.append(String.join(":", List.of(
            "" + p.producerId(), "" + p.producerEpoch(), "" + p.lastSequence(), "" + p.lastTimestamp(),
            "" + p.coordinatorEpoch(), "" + p.currentTxnStartOffset()))).append(' '));
        text.append('\t');
        for (int i = 6; i < order.length; i++) {
            String found = log.fetchOffsetByTimestamp(Long.parseLong(order[i]), Optional.empty())
                .timestampAndOffsetOpt()
                .map(t -> t.timestamp + ":" + t.offset + ":" + t.leaderEpoch.orElse(-1))
                .orElse("none");
            text.append(found).append(' ');
        }
        return text.toString();
    }
}
