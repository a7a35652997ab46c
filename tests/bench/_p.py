import sys, subprocess, threading, os
from tests.bench import worlds, journeys, doors

with worlds.world() as folder:
    wave, codes = worlds.open_wave(15000)
    fields = worlds.filled_in(worlds.form_of(wave))
    port = doors.free_port()
    with doors.door("public", port):
        journeys.drive(port, codes[:200], fields, 4, 60)
        pid = (
            subprocess.check_output(
                ["bash", "-c", "ss -ltnp | grep ':%d ' | grep -o 'pid=[0-9]*' | cut -d= -f2" % port]
            )
            .split()[0]
            .decode()
        )
        spy = subprocess.Popen(
            [
                "py-spy",
                "record",
                "-p",
                pid,
                "-d",
                "8",
                "-r",
                "400",
                "-f",
                "raw",
                "-o",
                "/tmp/spy.txt",
                "--gil",
            ]
            if len(sys.argv) > 1
            else ["py-spy", "record", "-p", pid, "-d", "8", "-r", "400", "-f", "raw", "-o", "/tmp/spy.txt"]
        )
        o = journeys.drive(port, codes[200:], fields, 32, 9)
        spy.wait()
        print(journeys.per_second(o))
