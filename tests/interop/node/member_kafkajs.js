// A member of a group by KafkaJS: ADDRESS GROUP TOPIC classic SESSION_MS; what it says, see members.rs.
const fs = require("fs");
const { Kafka, logLevel } = require("kafkajs");

const [address, group, topic, protocol, sessionMs, instance] = process.argv.slice(2);
if (protocol !== "classic" || instance !== undefined) throw new Error("KafkaJS: classic without instance ids only");
const say = (what) => fs.writeSync(1, JSON.stringify(what) + "\n");

const logged = () => ({ log }) => process.stderr.write(JSON.stringify(log) + "\n");
const kafka = new Kafka({ brokers: [address], logLevel: logLevel.INFO, logCreator: logged });
const consumer = kafka.consumer({
  groupId: group,
  sessionTimeout: Number(sessionMs),
  rebalanceTimeout: 10000,
  heartbeatInterval: 500,
  maxWaitTimeInMs: 100,
  retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 20 },
});

let owned = [];
const revoked = () => {
  say({ event: "revoked", partitions: owned, at: Date.now() });
  owned = [];
};
consumer.on(consumer.events.REBALANCING, revoked);
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  if (owned.length > 0) say({ event: "lost", partitions: owned, at: Date.now() });
  owned = payload.memberAssignment[topic] || [];
  say({ event: "assigned", partitions: owned, at: Date.now() });
});

const eachBatch = async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
  if (!isRunning() || isStale() || batch.messages.length === 0) return;
  let next;
  for (const { key, value, offset } of batch.messages) {
    const number = Number(offset);
    say({ event: "record", partition: batch.partition, offset: number, key: String(key), value: String(value) });
    resolveOffset(offset);
    next = number + 1;
  }
  try {
    await consumer.commitOffsets([{ topic, partition: batch.partition, offset: String(next) }]);
  } catch (error) {
    say({ event: "commit_failed", error: String(error) });
    throw error;
  }
  say({ event: "committed", partition: batch.partition, offset: next });
  await heartbeat();
};

const main = async () => {
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  process.once("SIGTERM", async () => {
    await consumer.stop();
    revoked();
    await consumer.disconnect();
    say({ event: "left" });
  });
  await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
};
main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
