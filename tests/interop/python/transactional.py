"""What the transactional clients in Python have in common: what they are told and what they say (see transactional.rs)."""
import os
import select
import sys
import traceback


class Orders:
    """The lines of stdin: read without a buffer of Python's, so that one can ask whether there is another."""

    def __init__(self):
        self.left = b""

    def waiting(self):
        return b"\n" in self.left or bool(select.select([0], [], [], 0)[0])

    def next(self):
        while b"\n" not in self.left:
            more = os.read(0, 65536)
            if not more:
                return None
            self.left += more
        line, self.left = self.left.split(b"\n", 1)
        return line.decode().split(" ")


def say(what):
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


def failed(error, name):
    traceback.print_exception(error)
    sys.stderr.flush()
    return f"error {name}"


def values(text, count, size):
    return [f"{text}-{number}".ljust(int(size), ".").encode() for number in range(int(count))]
