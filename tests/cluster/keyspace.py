"""What is left in Redis, and for how long."""
import time


def too_long(redis, most):
    """What outlives `most` seconds, or all time."""
    faults = []
    for key in redis.ask("KEYS", "*"):
        left = redis.ask("PTTL", key)  # -2: it has gone meanwhile
        if left == -1:
            faults.append(f"{key} has no TTL")
        elif left > most * 1000:
            faults.append(f"{key} is kept for {left / 1000:.0f} s more, {most} at most were expected")
    return faults


def emptied(redis, most):
    """Waits until nothing is left, which takes `most` seconds at most; gives what is."""
    until = time.monotonic() + most
    while (keys := redis.ask("KEYS", "*")) and time.monotonic() < until:
        time.sleep(0.5)
    return [f"{key} is left after {most} s" for key in keys]
