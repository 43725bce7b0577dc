import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.PrimitiveRef;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.xerial.snappy.SnappyError;

/**
 * Apache Kafka's side of the comparison of what a leader accepts: `Validation IN OUT`.
 *
 * A case: Produce version i16, compression of the topic i8 (-1: producer's), log append time i8, before and after max i64,
 * compacted i8, largest batch i32, largest record i32, now i64, records (i32 length, bytes).
 * Its answer: error i16; records at fault (i32 count, i32 each); max timestamp i64; rebuilt i8; batch (i32 length, bytes).
 */
public final class Validation {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private record Clock(long now) implements Time {
        @Override
        public long milliseconds() {
            return now;
        }

        @Override
        public long nanoseconds() {
            return now;
        }

        @Override
        public void sleep(long ms) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class NoMetrics implements LogValidator.MetricsRecorder {
        @Override
        public void recordInvalidMagic() {
        }

        @Override
        public void recordInvalidOffset() {
        }

        @Override
        public void recordInvalidSequence() {
        }

        @Override
        public void recordInvalidChecksums() {
        }

        @Override
        public void recordNoKeyCompactedTopic() {
        }
    }

    public static void main(String[] args) throws IOException {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(Path.of(args[0])));
             DataOutputStream out = new DataOutputStream(answers)) {
            while (true) {
                short version;
                try {
                    version = in.readShort();
                } catch (EOFException end) {
                    break;
                }
                answer(version, in, out);
            }
        }
        Files.write(Path.of(args[1]), answers.toByteArray());
    }

    private static void answer(short version, DataInputStream in, DataOutputStream out) throws IOException {
        byte codec = in.readByte();
        TimestampType type = in.readByte() == 0 ? TimestampType.CREATE_TIME : TimestampType.LOG_APPEND_TIME;
        long before = in.readLong();
        long after = in.readLong();
        boolean compact = in.readByte() != 0;
        int largestBatch = in.readInt();
        int largestRecord = in.readInt();
        long now = in.readLong();
        byte[] bytes = in.readNBytes(in.readInt());
        MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes));
        try {
            ProduceRequest.validateRecords(version, records);
            CompressionType source = analyze(records, largestBatch);
            CompressionType target = codec < 0 ? source : CompressionType.forId(codec);
            LogValidator.ValidationResult result = new LogValidator(records, PARTITION, new Clock(now), source,
                Compression.of(target).build(), compact, RecordBatch.MAGIC_VALUE_V2, type, before, after, 0,
                AppendOrigin.CLIENT, largestRecord)
                .validateMessagesAndAssignOffsets(PrimitiveRef.ofLong(0), new NoMetrics(), BufferSupplier.NO_CACHING);
            accepted(result, largestBatch, out);
        } catch (RecordValidationException refused) {
            refused(Errors.forException(refused.invalidException()), refused.recordErrors(), out);
        } catch (OutOfMemoryError tooMuch) {
            // It makes room for what a record says it has; with enough memory, it would find that this is not there.
            refused(Errors.INVALID_RECORD, List.of(), out);
        } catch (RuntimeException | SnappyError refused) {
            refused(Errors.forException(refused), List.of(), out);
        }
    }

    /** What the log asks of any batch before the validator sees it. */
    private static CompressionType analyze(MemoryRecords records, int largestBatch) {
        CompressionType source = CompressionType.NONE;
        for (RecordBatch batch : records.batches()) {
            if (batch.baseOffset() != 0) {
                throw new InvalidRecordException("base offset");
            }
            if (batch.sizeInBytes() > largestBatch) {
                throw new RecordTooLargeException("as it came");
            }
            if (!batch.isValid()) {
                throw new CorruptRecordException("checksum");
            }
            source = batch.compressionType();
        }
        return source;
    }

    private static void accepted(LogValidator.ValidationResult result, int largestBatch, DataOutputStream out)
        throws IOException {
        RecordBatch batch = result.validatedRecords().batches().iterator().next();
        if (result.messageSizeMaybeChanged() && batch.sizeInBytes() > largestBatch) {
            refused(Errors.MESSAGE_TOO_LARGE, List.of(), out);
            return;
        }
        ByteBuffer whole = ByteBuffer.allocate(batch.sizeInBytes());
        batch.writeTo(whole);
        out.writeShort(0);
        out.writeInt(0);
        out.writeLong(result.maxTimestampMs());
        out.writeByte(result.messageSizeMaybeChanged() ? 1 : 0);
        out.writeInt(whole.capacity());
        out.write(whole.array());
    }

    private static void refused(Errors error, List<ProduceResponse.RecordError> records, DataOutputStream out)
        throws IOException {
        out.writeShort(error.code());
        out.writeInt(records.size());
        for (ProduceResponse.RecordError record : records) {
            out.writeInt(record.batchIndex);
        }
        out.writeLong(-1);
        out.writeByte(0);
        out.writeInt(0);
    }
}
