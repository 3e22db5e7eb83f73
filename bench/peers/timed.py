"""timed.py FILE COMMAND...: runs a command and writes its wall time (s), its processor time (s) and largest memory (bytes) to FILE as JSON."""
import json
import os
import sys
import time

started = time.monotonic()
pid = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    json.dump({"wall_s": time.monotonic() - started, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_rss_bytes": usage.ru_maxrss * 1024}, file)
sys.exit(os.waitstatus_to_exitcode(status))
