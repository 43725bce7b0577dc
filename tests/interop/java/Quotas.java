import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.metrics.MetricConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.Quota;
import org.apache.kafka.common.metrics.QuotaViolationException;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.metrics.stats.Rate;
import org.apache.kafka.common.metrics.stats.TokenBucket;
import org.apache.kafka.server.quota.ControllerMutationQuotaManager;
import org.apache.kafka.server.quota.QuotaUtils;

/**
 * How long Apache Kafka makes those wait who use too much: `Quotas IN OUT`.
 *
 * Lines: `rate SAMPLES SECONDS LIMIT` or `bucket SAMPLES SECONDS LIMIT` begins anew; `check VALUE MS` records and checks;
 * `note VALUE MS` records; `strict VALUE MS` checks and then records. Each of the last three has a line in the answer:
 * the milliseconds to wait, 0 if none.
 */
public final class Quotas {
    public static void main(String[] args) throws IOException {
        List<String> waits = new ArrayList<>();
        Metrics metrics = new Metrics();
        Sensor sensor = null;
        boolean isRate = true;
        int made = 0;
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String[] words = line.split(" ");
            if (words[0].equals("rate") || words[0].equals("bucket")) {
                if (sensor != null) {
                    metrics.removeSensor(sensor.name());
                }
                isRate = words[0].equals("rate");
                String name = "sensor-" + made++;
                sensor = metrics.sensor(name);
                MetricConfig config = new MetricConfig()
                    .samples(Integer.parseInt(words[1]))
                    .timeWindow(Long.parseLong(words[2]), TimeUnit.SECONDS)
                    .quota(Quota.upperBound(Double.parseDouble(words[3])));
                sensor.add(metrics.metricName(name, "quotas"), isRate ? new Rate() : new TokenBucket(), config);
                continue;
            }
            double value = Double.parseDouble(words[1]);
            long now = Long.parseLong(words[2]);
            long wait = 0;
            try {
                if (words[0].equals("strict")) {
                    sensor.checkQuotas(now);
                    sensor.record(value, now, false);
                } else {
                    sensor.record(value, now, words[0].equals("check"));
                }
            } catch (QuotaViolationException violation) {
                wait = isRate
                    ? QuotaUtils.throttleTime(violation, now)
                    : ControllerMutationQuotaManager.throttleTimeMs(violation);
            }
            waits.add(Long.toString(wait));
        }
        metrics.close();
        Files.write(Path.of(args[1]), waits);
    }
}
