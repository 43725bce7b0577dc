"""What the members of groups in Python have in common: what they are asked for, and what they say (see members.rs)."""
import json
import signal
import sys
import time


# Often enough for a quick test, seldom enough that a crash leaves something uncommitted.
COMMIT_EVERY = 0.3


class Wish:
    """group_member_….py ADDRESS GROUP TOPIC PROTOCOL SESSION_MS [INSTANCE]"""

    def __init__(self):
        self.address, self.group, self.topic, self.protocol, session_ms = sys.argv[1:6]
        self.session_ms = int(session_ms)
        self.instance = sys.argv[6] if len(sys.argv) > 6 else None
        self.stopping = False
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, *_):
        self.stopping = True


class Journal:
    """Says what happens, and knows what was processed but not committed."""

    def __init__(self):
        self.processed = {}
        self._next_commit = 0

    def is_time_to_commit(self):
        now = time.monotonic()
        if now < self._next_commit:
            return False
        self._next_commit = now + COMMIT_EVERY
        return True

    def _say(self, **what):
        sys.stdout.write(json.dumps(what, separators=(",", ":")) + "\n")

    def record(self, partition, offset, key, value):
        self._say(event="record", partition=partition, offset=offset, key=key.decode(), value=value.decode())
        self.processed[partition] = offset + 1

    def committed(self, offsets):
        for partition, offset in offsets.items():
            self._say(event="committed", partition=partition, offset=offset)
            if self.processed.get(partition) == offset:
                del self.processed[partition]
        sys.stdout.flush()

    def commit_failed(self, error):
        self._say(event="commit_failed", error=str(error))
        sys.stdout.flush()

    def partitions(self, event, partitions):
        if event != "assigned":
            for partition in partitions:
                self.processed.pop(partition, None)
        self._say(event=event, partitions=list(partitions), at=int(time.time() * 1000))
        sys.stdout.flush()

    def left(self):
        self._say(event="left")
        sys.stdout.flush()

    def flush(self):
        sys.stdout.flush()
