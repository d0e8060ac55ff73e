"""What goes wrong on purpose, by name."""

AT_THE_PLATFORM = {
    "storm": "429 to everybody for 5 to 30 seconds, with Retry-After",
    "broken": "503, the post not accepted",
    "broken-accepted": "503, the post accepted",
    "dropped": "connection cut, the post not accepted",
    "dropped-accepted": "connection cut, the post accepted",
    "silent": "no answer, the post not accepted",
    "silent-accepted": "no answer, the post accepted",
    "late": "no answer, the post accepted a minute after the time-out",
    "layout": "connection cut, the post accepted, the channel's layout changed",
}
TO_WORKERS = {
    "kill-before": "worker killed when its post has reached the platform",
    "kill-after": "worker killed when its post is accepted and not answered",
    "kill-confirming": "worker killed within 30 ms of the answer",
    "kill": "a worker killed at any moment",
    "stop": "a worker asked to stop (SIGTERM) at any moment",
}
TO_SERVERS = {
    "database": "database server crashed and started again",
    "redis": "Redis ended and started again",
}
KINDS = {**AT_THE_PLATFORM, **TO_WORKERS, **TO_SERVERS}
NOT_ACCEPTED = {"broken", "dropped", "silent", "kill-before"}
DONE_BESIDE = {"kill-confirming", "kill", "stop", *TO_SERVERS}
"""What happens while posts go on to be answered."""

STORM = (5.0, 30.0)
"""How long everybody is asked to wait, in seconds."""
LATE = 80.0
"""When a late post is accepted, in seconds after it came: Slack's client waits 20, Discord's 45."""
SILENCE = 120.0
"""How long a connection stays open over which no answer comes."""
