import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.MemberAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;

/**
 * What Apache Kafka's assignors make of groups: `Assignors IN OUT`.
 *
 * A text is its length in bytes as an i32 and itself in UTF-8, a list its length as an i32 and its items. An assignment
 * is a list of topic ids, each with a list of i32. A case: range i8 (0: uniform), heterogeneous i8, in hash order i8
 * (0: sorted); topics, a list of ids with their partitions' number i32; members, a list of id text, instance text (empty:
 * none), subscribed list of topic ids, assignment. Its answer: a list of id text and assignment, sorted.
 */
public final class Assignors {
    private record Topics(Map<Uuid, Integer> partitions) implements SubscribedTopicDescriber {
        @Override
        public int numPartitions(Uuid topic) {
            return partitions.getOrDefault(topic, -1);
        }

        @Override
        public Set<String> racksForPartition(Uuid topic, int partition) {
            throw new UnsupportedOperationException("no assignor of 4.4 asks for racks");
        }
    }

    public static void main(String[] args) throws IOException {
        ByteArrayOutputStream answers = new ByteArrayOutputStream();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(Path.of(args[0])));
             DataOutputStream out = new DataOutputStream(answers)) {
            while (true) {
                byte range;
                try {
                    range = in.readByte();
                } catch (EOFException end) {
                    break;
                }
                answer(range != 0 ? new RangeAssignor() : new UniformAssignor(), in, out);
            }
        }
        Files.write(Path.of(args[1]), answers.toByteArray());
    }

    private static void answer(ConsumerGroupPartitionAssignor assignor, DataInputStream in, DataOutputStream out)
        throws IOException {
        SubscriptionType type = in.readByte() != 0 ? SubscriptionType.HETEROGENEOUS : SubscriptionType.HOMOGENEOUS;
        boolean hashed = in.readByte() != 0;
        Map<Uuid, Integer> topics = new HashMap<>();
        int count = in.readInt();
        for (int at = 0; at < count; at++) {
            topics.put(id(in), in.readInt());
        }
        Map<String, MemberSubscriptionAndAssignmentImpl> members = hashed ? new HashMap<>() : new TreeMap<>();
        Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
        count = in.readInt();
        for (int at = 0; at < count; at++) {
            String member = text(in);
            String instance = text(in);
            Set<Uuid> subscribed = hashed ? new HashSet<>() : new TreeSet<>();
            int subscriptions = in.readInt();
            for (int of = 0; of < subscriptions; of++) {
                subscribed.add(id(in));
            }
            Map<Uuid, Set<Integer>> assigned = assignment(in, hashed);
            assigned.forEach((topic, partitions) -> partitions.forEach(partition ->
                owners.computeIfAbsent(topic, none -> new HashMap<>()).put(partition, member)));
            members.put(member, new MemberSubscriptionAndAssignmentImpl(Optional.empty(),
                instance.isEmpty() ? Optional.empty() : Optional.of(instance), subscribed, new Assignment(assigned)));
        }
        Map<String, MemberAssignment> targets = assignor.assign(
            new GroupSpecImpl(Collections.unmodifiableMap(members), type, owners), new Topics(topics)).members();
        out.writeInt(members.size());
        for (String member : new TreeSet<>(members.keySet())) {
            put(member, targets.get(member), out);
        }
    }

    private static Uuid id(DataInputStream in) throws IOException {
        return new Uuid(in.readLong(), in.readLong());
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static Map<Uuid, Set<Integer>> assignment(DataInputStream in, boolean hashed) throws IOException {
        Map<Uuid, Set<Integer>> assignment = hashed ? new HashMap<>() : new TreeMap<>();
        int topics = in.readInt();
        for (int at = 0; at < topics; at++) {
            Uuid topic = id(in);
            Set<Integer> partitions = hashed ? new HashSet<>() : new TreeSet<>();
            int count = in.readInt();
            for (int of = 0; of < count; of++) {
                partitions.add(in.readInt());
            }
            assignment.put(topic, partitions);
        }
        return assignment;
    }

    private static void put(String member, MemberAssignment target, DataOutputStream out) throws IOException {
        byte[] name = member.getBytes(StandardCharsets.UTF_8);
        out.writeInt(name.length);
        out.write(name);
        Map<Uuid, Set<Integer>> assignment = target == null ? Map.of() : target.partitions();
        out.writeInt(assignment.size());
        for (Map.Entry<Uuid, Set<Integer>> topic : assignment.entrySet()) {
            out.writeLong(topic.getKey().getMostSignificantBits());
            out.writeLong(topic.getKey().getLeastSignificantBits());
            out.writeInt(topic.getValue().size());
            for (int partition : topic.getValue()) {
                out.writeInt(partition);
            }
        }
    }
}
