import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;

/**
 * Message sets of magic 0 and 1 as Apache Kafka writes and reads them: `LegacySets OUT`.
 *
 * A set: bytes (i32 length, bytes), number of records i32; each: offset i64, timestamp i64, key and value (i32 length, -1
 * for null, bytes).
 */
public final class LegacySets {
    public static void main(String[] args) throws IOException {
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(Path.of(args[0])))) {
            for (byte magic = 0; magic < 2; magic++) {
                for (CompressionType codec : CompressionType.values()) {
                    if (codec == CompressionType.ZSTD) {
                        continue;
                    }
                    set(magic, codec, TimestampType.CREATE_TIME, out);
                    if (magic == 1) {
                        set(magic, codec, TimestampType.LOG_APPEND_TIME, out);
                    }
                }
            }
        }
    }

    private static void set(byte magic, CompressionType codec, TimestampType type, DataOutputStream out)
        throws IOException {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1 << 20), magic,
            Compression.of(codec).build(), type, 1000L, 777_777L);
        for (int i = 0; i < 50; i++) {
            byte[] key = i % 7 == 3 ? null : ("key " + i).getBytes(StandardCharsets.UTF_8);
            byte[] value = i % 5 == 2 ? null : "value ".repeat(i * 40).getBytes(StandardCharsets.UTF_8);
            builder.append(5_000L + i, key, value);
        }
        MemoryRecords records = builder.build();
        ByteBuffer bytes = records.buffer();
        out.writeInt(bytes.remaining());
        out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        out.writeInt(50);
        for (Record record : records.records()) {
            out.writeLong(record.offset());
            out.writeLong(record.timestamp());
            sized(record.key(), out);
            sized(record.value(), out);
        }
    }

    private static void sized(ByteBuffer bytes, DataOutputStream out) throws IOException {
        if (bytes == null) {
            out.writeInt(-1);
            return;
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        out.writeInt(copy.length);
        out.write(copy);
    }
}
