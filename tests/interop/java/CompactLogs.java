import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.CleanerStats;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * Opens logs as Apache Kafka does and compacts them with its cleaner: `CompactLogs ORDERS OUT`.
 *
 * An order is a line: directory, segment.bytes, index.interval.bytes, delete.retention.ms, slots of the offset map, and
 * passes, divided by tabs. A pass is the first dirty offset (`-`: where the last pass ended), a colon, and the time. What
 * is said is a line an order, see {@link #tell}; of each pass, where it ended, how many
 * records it counted, and after a bar how many bytes.
 */
public final class CompactLogs {
    public static void main(String[] args) throws Exception {
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        try (PrintStream out = new PrintStream(args[1], StandardCharsets.UTF_8)) {
            for (String line : Files.readAllLines(Path.of(args[0]))) {
                String[] order = line.split("\t");
                UnifiedLog log = open(order, scheduler);
                log.updateHighWatermark(log.logEndOffset());
                StringBuilder text = new StringBuilder();
                long end = 0;
                for (int i = 5; i < order.length; i++) {
                    String[] pass = order[i].split(":");
                    long dirty = pass[0].equals("-") ? end : Long.parseLong(pass[0]);
                    end = clean(log, dirty, Long.parseLong(pass[1]), Integer.parseInt(order[4]), text);
                }
                out.println(tell(log, text));
                log.prepareActiveSegmentForClose();
                log.flush(true);
                log.close();
            }
        }
        scheduler.shutdown();
    }

    private static UnifiedLog open(String[] order, KafkaScheduler scheduler) throws IOException {
        Properties properties = new Properties();
        properties.put("internal.segment.bytes", order[1]);
        properties.put("index.interval.bytes", order[2]);
        properties.put("delete.retention.ms", order[3]);
        properties.put("cleanup.policy", "compact");
        return UnifiedLog.create(new File(order[0]), new LogConfig(properties), 0, 0, scheduler, new BrokerTopicStats(),
            Time.SYSTEM, 900_000, new ProducerStateManagerConfig(Integer.MAX_VALUE, false), 600_000,
            new LogDirFailureChannel(1), true, Optional.empty());
    }

    private static long clean(UnifiedLog log, long dirty, long now, int slots, StringBuilder text) throws Exception {
        Throttler throttler = new Throttler(Double.MAX_VALUE, 300, "cleaner-io", "bytes", Time.SYSTEM);
        SkimpyOffsetMap map = new SkimpyOffsetMap(slots * 24);
        Cleaner cleaner = new Cleaner(0, map, 65536, 1 << 20, 1.0, throttler, Time.SYSTEM, partition -> { });
        long uncleanable = Math.max(dirty, Math.min(log.lastStableOffset(), log.activeSegment().baseOffset()));
        LogToClean what = new LogToClean(log, dirty, uncleanable, false);
        Map.Entry<Long, CleanerStats> done = cleaner.doClean(what, now);
        CleanerStats stats = done.getValue();
        text.append(what.firstUncleanableOffset()).append(' ').append(done.getKey()).append(' ')
            .append(stats.messagesRead()).append(' ').append(stats.messagesWritten()).append(' ')
            .append(stats.invalidMessagesRead()).append('|').append(what.cleanBytes()).append(' ')
            .append(what.cleanableBytes()).append(' ').append(stats.bytesRead()).append('\t');
        return done.getKey();
    }

    /** Log start, end, last stable offset, batches, records. */
    private static String tell(UnifiedLog log, StringBuilder text) {
        int batches = 0;
        int records = 0;
        for (LogSegment segment : log.logSegments()) {
            for (RecordBatch batch : segment.log().batches()) {
                batch.ensureValid();
                batches++;
                for (Record ignored : batch) {
                    records++;
                }
            }
        }
        return text.append(log.logStartOffset()).append(' ').append(log.logEndOffset()).append(' ')
            .append(log.lastStableOffset()).append(' ').append(batches).append(' ').append(records).toString();
    }
}
