# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rows of the table of figures: a function for each, which returns a list of results."""

import hashlib
import os
import random
import statistics
import subprocess
import time
from contextlib import closing

from harness import MIB, Daemon, LongPath, Machine, Nginx, timed

GIB = 1024 * MIB


def result(name, what, measured, target, passed, **details):
    return {"name": name, "what": what, "measured": measured, "target": target,
            "pass": bool(passed), **details}


def against(name, what, ours, theirs, limit, unit="s", peer="curl"):
    """A result that is a ratio of medians."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    ratio = mine / other
    return result(name, what, f"{mine:.3f} {unit} : {peer} {other:.3f} {unit} = {ratio:.2f}",
                  f"at most {limit}", ratio <= limit, ratio=round(ratio, 3),
                  sluice=[round(x, 4) for x in ours], peer=[round(x, 4) for x in theirs])


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def get(bench, daemon, url, path, *extra):
    """One download through sluicectl or the load client. Returns seconds: (wall, CPU with that of the daemon)."""
    before = daemon.cpu()
    if bench.sluicectl.exists() and not extra:
        command = [bench.sluicectl, "get", url, "-o", path]
    else:
        command = [bench.load_client, "get", url, path, "Priority=foreground", *extra]
    wall, cpu = timed(command, env=daemon.env, stderr=subprocess.DEVNULL)
    return wall, cpu + daemon.cpu() - before


def check_same(path, source):
    with open(path, "rb") as one, open(source, "rb") as two:
        while True:
            a, b = one.read(8 * MIB), two.read(8 * MIB)
            if a != b:
                raise RuntimeError(f"{path} differs from what was served")
            if not a:
                return


def row_http(bench):
    """1 GiB over HTTP: CPU against curl, and against the least that it can cost."""
    source = bench.data.file("gib", GIB)
    ours, theirs, floor, wall, peer_wall = [], [], [], [], []
    with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
        url = nginx.url("gib")
        for _ in range(bench.runs):
            out = bench.data.fresh_out()
            seconds, cpu = timed(["curl", "-s", "-o", out / "a", url])
            theirs.append(cpu)
            peer_wall.append(seconds)
            out = bench.data.fresh_out()
            floor.append(timed([bench.floor, nginx.address, nginx.http, "gib", out / "a"])[1])
            check_same(out / "a", source)
            out = bench.data.fresh_out()
            seconds, cpu = get(bench, daemon, url, out / "a")
            ours.append(cpu)
            wall.append(seconds)
        check_same(out / "a", source)
        peak = daemon.peak_mib()
    found = against("http", "1 GiB over HTTP into a file, CPU", ours, theirs, 0.5)
    found["measured"] += (f" (wall {statistics.median(wall):.2f} s : "
                          f"{statistics.median(peer_wall):.2f} s, {peak:.0f} MiB at most)")
    return [found, against("http-floor", "the same, against the least that it can cost (floor.c)", ours, floor,
                           1.3, peer="floor")]


def row_digest(bench):
    """The same with its digest verified."""
    source = bench.data.file("gib", GIB)
    with open(source, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    ours, theirs = [], []
    with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
        url = nginx.url("gib")
        for _ in range(bench.runs):
            out = bench.data.fresh_out()
            _, cpu = timed(["curl", "-s", "-o", out / "a", url])
            _, more = timed(["sha256sum", out / "a"])
            theirs.append(cpu + more)
            out = bench.data.fresh_out()
            ours.append(get(bench, daemon, url, out / "a", f"Digest=sha256:{digest}")[1])
    return [against("digest", "1 GiB over HTTP with its digest verified, CPU", ours, theirs, 0.5,
                    peer="curl and sha256sum")]


def row_tls(bench):
    """1 GiB over TLS from a server that offers h2: CPU and memory."""
    source = bench.data.file("gib", GIB)
    ours, theirs = [], []
    with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
        url = nginx.url("gib", tls=True)
        for _ in range(bench.runs):
            out = bench.data.fresh_out()
            theirs.append(timed(["curl", "-s", "--http1.1", "--cacert", nginx.certificate,
                                 "-o", out / "a", url])[1])
            out = bench.data.fresh_out()
            ours.append(get(bench, daemon, url, out / "a", "SecurityFlags=ignore-unknown-ca")[1])
        check_same(out / "a", source)
        peak = daemon.peak_mib()
    return [against("tls", "1 GiB over TLS from a server that offers h2, CPU", ours, theirs, 1.1),
            result("tls-memory", "the same, most memory resident", f"{peak:.1f} MiB", "under 40 MiB",
                   peak < 40)]


def row_small(bench):
    """5,000 files of 10 KiB, against the better of two ways to run aria2."""
    count = 5000
    source = bench.data.many(count, 10240)
    times = {name: [] for name in ("sluice", "explicit", "aria2-5", "aria2-16")}
    outs = bench.data.outs()
    with closing(Nginx(bench.data)) as nginx:
        listing = bench.data.path / "list"
        listing.write_text("".join(nginx.url(f"many/{i}\n") for i in range(count)))
        for _ in range(bench.runs):
            for parallel in (5, 16):
                out = next(outs)
                times[f"aria2-{parallel}"].append(timed(
                    ["aria2c", "-q", f"-j{parallel}", "-i", listing, "-d", out, "--no-conf"])[0])
            for name in ("sluice", "explicit"):
                out = next(outs)
                with closing(Daemon(bench)) as daemon:
                    answer = daemon.run("many", nginx.url("many"), out, count,
                                        "auto" if name == "sluice" else "explicit")
                times[name].append(float(answer["seconds"][0]))
                for number in range(0, count, 50):
                    check_same(out / str(number), source / str(number))
                if len(os.listdir(out)) != count:
                    raise RuntimeError(f"{len(os.listdir(out))} files instead of {count}")
    best = min(("aria2-5", "aria2-16"), key=lambda name: statistics.median(times[name]))
    return [against("small", "5,000 files of 10 KiB to finalized, wall", times["sluice"],
                    times[best], 0.55, peer=best),
            against("small-calls", "the same with a Start and a Finalize call for each",
                    times["explicit"], times[best], 0.65, peer=best)]


def row_lossy(bench):
    """32 MiB over a path of 100 ms and 0.1 % loss."""
    source = bench.data.file("32m", 32 * MIB)
    ours, theirs = [], []
    for seed in range(1, bench.runs + 1):
        out = bench.data.fresh_out()
        for who in ("curl", "sluice"):
            with closing(LongPath(bench, seed)) as path:
                with closing(Nginx(bench.data, "10.77.0.1", path.server)) as nginx:
                    url = nginx.url("32m")
                    if who == "curl":
                        theirs.append(timed(["ip", "netns", "exec", path.client, "curl", "-s", "-o",
                                             out / "curl", url])[0])
                        continue
                    with closing(Daemon(bench, path.client)) as daemon:
                        ours.append(get(bench, daemon, url, out / "sluice")[0])
        check_same(out / "sluice", source)
    return [against("lossy", "32 MiB over 100 ms and 0.1 % loss, wall", ours, theirs, 0.35)]


def row_latency(bench):
    """GetStatus while 1 GiB arrives and another program keeps the disk busy."""
    bench.data.file("gib", GIB)
    worst, count = [], 0
    with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
        for _ in range(bench.runs):
            out = bench.data.fresh_out()
            with subprocess.Popen(["dd", "if=/dev/zero", f"of={out}/noise", "bs=1M", "count=100000",
                                   "oflag=dsync"], stderr=subprocess.DEVNULL) as noise:
                try:
                    answer = daemon.run("latency", nginx.url("gib"), out / "a")
                finally:
                    noise.kill()
            samples = [float(value) for value in answer["ms"]]
            worst.append(percentile(samples, 0.99))
            count += len(samples)
    return [result("latency", "GetStatus while 1 GiB arrives and the disk is busy, 99th percentile",
                   f"{statistics.median(worst):.2f} ms (worst run {max(worst):.2f} ms, "
                   f"{count} calls)", "at most 10 ms", statistics.median(worst) <= 10, runs=worst)]


def row_pause(bench):
    """The time from the call of Pause until no byte is read any more."""
    bench.data.file("gib", GIB)
    times = []
    with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
        for number in range(4 * bench.runs):
            out = bench.data.fresh_out()
            slow = "medium/" if number % 2 else ""
            answer = daemon.run("pause", nginx.url(f"{slow}gib"), out / "a", 16 * MIB * (1 + number % 4))
            times.append(float(answer["ms"][0]))
    return [result("pause", "Pause until no byte is read any more",
                   f"{statistics.median(times):.1f} ms (worst of {len(times)}: {max(times):.1f} ms)",
                   "at most 50 ms", max(times) <= 50, runs=times)]


def row_queue(bench):
    """100,000 queued downloads: memory, start, listing."""
    bench.data.file("slow", MIB)
    with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
        out = bench.data.fresh_out()
        filled = float(daemon.run("fill", nginx.url("trickle/slow"), out, 100000)["seconds"][0])
        full = daemon.resident_mib()
        starts, lists, memory = [], [], [full]
        for _ in range(bench.runs):
            daemon.process.terminate()
            daemon.process.wait()
            starts.append(daemon.start())
            answer = daemon.run("list", 100, 20)
            lists += [1000 * float(value) for value in answer["seconds"]]
            if set(answer["count"]) != {"100"}:
                raise RuntimeError("ListDownloads did not answer with 100")
            memory.append(daemon.resident_mib())
    return [result("queue-memory", f"100,000 queued (made in {filled:.1f} s): resident memory",
                   f"{max(memory):.0f} MiB", "at most 110 MiB", max(memory) <= 110, runs=memory),
            result("queue-start", "the same: from start to answering",
                   f"{statistics.median(starts):.2f} s", "at most 2 s",
                   statistics.median(starts) <= 2, runs=starts),
            result("queue-list", "the same: ListDownloads with Limit 100",
                   f"{statistics.median(lists):.2f} ms (99th percentile "
                   f"{percentile(lists, 0.99):.2f} ms)", "at most 20 ms",
                   percentile(lists, 0.99) <= 20, runs=lists)]


def row_idle(bench):
    """Idle daemons that have done a little work before: wake-ups and memory."""
    bench.data.file("10k", 10240)
    with closing(Nginx(bench.data)) as nginx:
        out = bench.data.fresh_out()
        daemons = [Daemon(bench) for _ in range(bench.runs)]
        try:
            for number, daemon in enumerate(daemons):
                daemon.run("get", nginx.url("10k"), out / str(number))
            time.sleep(15)
            before = [daemon.wakeups() for daemon in daemons]
            time.sleep(60)
            counts = [daemon.wakeups() - start for daemon, start in zip(daemons, before)]
            memory = [daemon.resident_mib() for daemon in daemons]
        finally:
            for daemon in daemons:
                daemon.close()
    return [result("idle-wakeups", "idle daemon: wake-ups in 60 s", f"{statistics.median(counts)}",
                   "at most 2", statistics.median(counts) <= 2, runs=counts),
            result("idle-memory", "idle daemon: resident memory",
                   f"{statistics.median(memory):.1f} MiB", "at most 15 MiB",
                   statistics.median(memory) <= 15, runs=memory)]


def kill_once(daemon, nginx, url, path, after):
    """Kills the daemon after the given seconds of a transfer. Returns how many of its bytes were lost."""
    target = daemon.run("start", url, path)["object"][0]
    killed = daemon.run("kill", daemon.process.pid, target, 1000 * after)
    daemon.process.wait()
    # no byte may arrive before the new daemon has answered
    nginx.freeze()
    daemon.start()
    resumed = daemon.run("status", target)
    nginx.thaw()
    daemon.run("finish", target)
    if killed["state"] != ["transferring"]:
        return None
    return max(0, int(killed["transferred"][0]) - int(resumed["transferred"][0]))


def row_kill(bench):
    """SIGKILL during a download: bytes fetched again."""
    size = 512 * MIB
    source = bench.data.file("512m", size)
    found = []
    chance = random.Random(7)
    for name, where, seconds in (("kill", "medium/512m", 3.5), ("kill-fast", "512m", 0.5)):
        again = []
        with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
            while len(again) < 2 * bench.runs:
                out = bench.data.fresh_out()
                lost = kill_once(daemon, nginx, nginx.url(where), out / "a", chance.uniform(0.1, seconds))
                check_same(out / "a", source)
                if lost is not None:
                    again.append(lost / MIB)
        speed = "128 MiB/s" if name == "kill" else "full speed"
        found.append(result(name, f"SIGKILL during a download at {speed}: bytes fetched again",
                            f"{statistics.median(again):.1f} MiB (worst of {len(again)}: "
                            f"{max(again):.1f} MiB)", "at most 8 MiB", max(again) <= 8, runs=again))
    return found


def row_pacer(bench):
    """Rate limits: how exact they are, and what they cost."""
    bench.data.file("gib", GIB)
    bench.data.file("2gib", 2 * GIB)
    errors, limited, free = {}, [], []
    with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
        for name, rate in (("32 KiB/s", 32 << 10), ("1 MiB/s", MIB), ("20 MiB/s", 20 * MIB),
                           ("100 MiB/s", 100 * MIB)):
            found = float(daemon.run("pace", nginx.url("2gib"), bench.data.fresh_out() / "a", rate,
                                     10)["rate"][0])
            errors[name] = 100 * abs(found - rate) / rate
        for _ in range(bench.runs):
            for where, costs, extra in (("gib", limited, [f"MaxBytesPerSecond={100 * MIB}"]),
                                        ("hundred/gib", free, [])):
                path = bench.data.fresh_out() / "a"
                before = daemon.cpu()
                daemon.run("get", nginx.url(where), path, "Priority=normal", *extra)
                costs.append(daemon.cpu() - before)
    worst = max(errors, key=errors.get)
    return [result("pacer-accuracy", "a limit of 32 KiB/s to 100 MiB/s over 10 s, worst error",
                   f"{errors[worst]:.2f} % ({worst})", "at most 3 %", errors[worst] <= 3,
                   errors=errors),
            against("pacer-cost", "1 GiB limited to 100 MiB/s, CPU, against no limit at that speed", limited,
                    free, 1.05, peer="no limit")]


def check_ranges(path, source, count, step, length):
    """Checks that the ranges are as served, and that nothing else was written."""
    with open(path, "rb") as one, open(source, "rb") as two:
        for number in range(count):
            if one.read(length) != two.read(length):
                raise RuntimeError(f"{path} differs from what was served in range {number}")
            if any(one.read(step - length)) and number < count - 1:
                raise RuntimeError(f"{path} has bytes after range {number} that were not requested")
            two.seek(step - length, os.SEEK_CUR)


def row_ranges(bench):
    """Many ranges of one file: what each costs if there are few, and if there are very many."""
    few, many, step, length = 100, 20000, 4096, 1024
    source = bench.data.file("80m", many * step)
    rates = {few: [], many: []}
    with closing(Nginx(bench.data)) as nginx, closing(Daemon(bench)) as daemon:
        for _ in range(bench.runs):
            for count in (few, many, few):
                path = bench.data.fresh_out() / "a"
                answer = daemon.run("ranges", nginx.url("80m"), path, count, step, length)
                rates[count].append(count / float(answer["seconds"][0]))
                check_ranges(path, source, count, step, length)
    rate, base = (statistics.median(rates[count]) for count in (many, few))
    return [result("ranges", f"{many:,} ranges of 1 KiB of one file, requests a second",
                   f"{rate:.0f} : {base:.0f} with {few} ranges = {rate / base:.2f}", "at least 0.5",
                   rate / base >= 0.5, ratio=round(rate / base, 3), many=rates[many], few=rates[few])]


# How long a better condition has to last until it counts (ms; src/policy/debounce.c). The rest of a release is work.
SETTLING = 300


def row_hold(bench):
    """The time from NetworkManager's signal that a link is metered, or no longer is, to the daemon's reaction."""
    bench.data.file("gib", GIB)
    held, stopped, released, after = [], [], [], []
    with closing(Nginx(bench.data)) as nginx, closing(Machine(bench)) as machine:
        for _ in range(4 * bench.runs):
            # a daemon for each, because after a relapse a better condition has to last longer
            with closing(Daemon(bench, machine=machine)) as daemon:
                answer = daemon.flip("one", nginx.url("hundred/gib"), bench.data.fresh_out() / "a")
            held.append(float(answer["held_ms"][0]))
            stopped.append(float(answer["stopped_ms"][0]))
            released.append(float(answer["released_ms"][0]))
            after.append(int(answer["after"][0]))
    work = statistics.median(released) - SETTLING
    return [result("hold", "from the signal that the link is metered to the report of State and StateReasons",
                   f"{statistics.median(held):.1f} ms (worst of {len(held)}: {max(held):.1f} ms; stopped after "
                   f"{statistics.median(stopped):.1f} ms, {max(after)} bytes after that)", "at most 1000 ms",
                   max(held) <= 1000 and max(after) == 0, runs=held, stopped=stopped),
            result("release", "from the signal that it no longer is metered to the next byte",
                   f"{statistics.median(released):.1f} ms (worst of {len(released)}: {max(released):.1f} ms), "
                   f"{SETTLING} ms of which to see whether it lasts, {work:.1f} ms to begin", "at most 1000 ms",
                   max(released) <= 1000, runs=released)]


def row_held_wakeups(bench):
    """1,000 held downloads in a daemon without clients: wake-ups."""
    bench.data.file("slow", MIB)
    with closing(Nginx(bench.data)) as nginx, closing(Machine(bench)) as machine:
        with closing(Daemon(bench, machine=machine)) as daemon:
            daemon.run("fill", nginx.url("trickle/slow"), bench.data.fresh_out(), 1000)
            daemon.flip("all", "yes", 1000)
            time.sleep(15)
            before, cpu = daemon.wakeups(), daemon.cpu()
            time.sleep(60)
            count, cpu = daemon.wakeups() - before, daemon.cpu() - cpu
    return [result("held-wakeups", "1,000 held downloads: wake-ups in 60 s", f"{count} ({1000 * cpu:.1f} ms of CPU)",
                   "at most 2", count <= 2, runs=[count])]


def row_held_decide(bench):
    """100,000 queued downloads: the time from one change of a condition until all have reported their reasons."""
    bench.data.file("slow", MIB)
    count = 100000
    walls, cpus, samples = [], [], []
    with closing(Nginx(bench.data)) as nginx, closing(Machine(bench)) as machine:
        with closing(Daemon(bench, machine=machine)) as daemon:
            daemon.run("fill", nginx.url("trickle/slow"), bench.data.fresh_out(), count)
            for _ in range(bench.runs):
                for which in ("yes", "no"):
                    before = daemon.cpu()
                    with daemon.probing(samples):
                        answer = daemon.flip("all", which, count)
                    walls.append(float(answer["seconds"][0]))
                    cpus.append(daemon.cpu() - before)
            peak = daemon.peak_mib()
    return [result("held-decide", f"{count:,} queued: from one change of a condition until all have reported it",
                   f"{statistics.median(walls):.2f} s (worst of {len(walls)}: {max(walls):.2f} s), "
                   f"{statistics.median(cpus):.2f} s of CPU, {peak:.0f} MiB at most", "at most 15 s",
                   max(walls) <= 15, walls=walls, cpus=cpus),
            result("held-latency", "the same: GetStatus meanwhile, worst",
                   f"{max(samples):.2f} ms of {len(samples)} (99th percentile {percentile(samples, 0.99):.2f} ms)",
                   "at most 200 ms", max(samples) <= 200,
                   percentiles=[percentile(samples, share) for share in (0.5, 0.9, 0.99, 1)])]


ROWS = {"http": row_http, "digest": row_digest, "tls": row_tls, "small": row_small,
        "lossy": row_lossy, "latency": row_latency, "pause": row_pause, "queue": row_queue,
        "idle": row_idle, "kill": row_kill, "pacer": row_pacer, "hold": row_hold, "held-wakeups": row_held_wakeups,
        "held-decide": row_held_decide,
        "ranges": row_ranges}
