# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the programs of a benchmark (bus, daemon, nginx, clients), and measures what they cost."""

import contextlib
import itertools
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

MIB = 1 << 20

NGINX_CONF = """
daemon off;
worker_processes 1;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
  uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000;
  ssl_certificate {dir}/cert.pem;
  ssl_certificate_key {dir}/key.pem;
  server {{
    listen {address}:{http};
    listen {address}:{https} ssl http2;
    root {root};
    location /medium/ {{ alias {root}/; limit_rate 32m; }}
    location /hundred/ {{ alias {root}/; limit_rate 100m; }}
    location /trickle/ {{ alias {root}/; limit_rate 4k; }}
  }}
}}
"""


def stop(process, how=signal.SIGTERM):
    """Ends a process that this program started, and waits until it has ended."""
    if process.poll() is None:
        process.send_signal(how)
    process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: nothing after {seconds} s")
        time.sleep(0.005)


def accepts(address, port):
    with contextlib.suppress(OSError), socket.create_connection((address, port), 1):
        return True
    return False


class Data:
    """Files of random bytes in a temporary directory on a disk."""

    def __init__(self):
        base = os.environ.get("TMPDIR", "/var/tmp")
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bench-", dir=base))
        self.path.chmod(0o755)
        self.root = self.path / "root"
        self.out = self.path / "out"
        self.root.mkdir()
        self.out.mkdir()

    def file(self, name, size):
        """A file that the server has; created at the first call."""
        path = self.root / name
        if not path.exists():
            with open("/dev/urandom", "rb") as source, open(path, "wb") as target:
                for done in range(0, size, MIB):
                    target.write(source.read(min(MIB, size - done)))
            os.sync()
        return path

    def many(self, count, size):
        directory = self.root / "many"
        if not directory.exists():
            directory.mkdir()
            for number in range(count):
                (directory / str(number)).write_bytes(os.urandom(size))
            os.sync()
        return directory

    def outs(self):
        """
        Folders for what is downloaded, one after the other. None is removed before the end: for some minutes after many files
        were deleted, ext4 makes new ones far more slowly, as it passes over the inodes of those.
        """
        for number in itertools.count():
            out = self.path / f"out-{number}"
            out.mkdir()
            yield out

    def fresh_out(self):
        shutil.rmtree(self.out)
        self.out.mkdir()
        os.sync()
        return self.out

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Nginx:
    """The server; in the network namespace if one is named."""

    def __init__(self, data, address="127.0.0.1", namespace=None):
        self.http, self.https = free_port(), free_port()
        self.address = address
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="nginx-", dir=data.path))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", f"subjectAltName=IP:{address},DNS:localhost",
             "-keyout", self.dir / "key.pem", "-out", self.dir / "cert.pem"],
            check=True, capture_output=True)
        self.certificate = self.dir / "cert.pem"
        conf = self.dir / "nginx.conf"
        conf.write_text(NGINX_CONF.format(dir=self.dir, root=data.root, address=address,
                                          http=self.http, https=self.https))
        inside = ["ip", "netns", "exec", namespace] if namespace else []
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen(
            [*inside, nginx, "-p", self.dir, "-c", conf, "-g", f"user {self.user()};"],
            stderr=subprocess.DEVNULL)
        if namespace is None:
            wait_for("nginx", lambda: accepts(address, self.http))
        else:
            wait_for("nginx", (self.dir / "nginx.pid").exists)

    @staticmethod
    def user():
        return "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")

    def url(self, name, tls=False):
        port = self.https if tls else self.http
        return f"http{'s' if tls else ''}://{self.address}:{port}/{name}"

    def signal_workers(self, number):
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        for pid in pathlib.Path(children).read_text().split():
            os.kill(int(pid), number)

    def freeze(self):
        """Stops its workers: from now on nothing is sent, but connections stay open."""
        self.signal_workers(signal.SIGSTOP)

    def thaw(self):
        self.signal_workers(signal.SIGCONT)

    def close(self):
        self.thaw()
        stop(self.process)


class Bus:
    """A private message bus that activates nothing."""

    def __init__(self, directory):
        conf = directory / "bus.conf"
        self.socket = directory / "bus"
        conf.write_text(f"""<busconfig><type>session</type><listen>unix:path={self.socket}</listen>
          <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
          <allow own="*"/></policy>
          <limit name="max_incoming_bytes">1000000000</limit><limit name="max_outgoing_bytes">1000000000</limit>
          <limit name="max_message_size">134217728</limit>
          <limit name="max_replies_per_connection">50000</limit></busconfig>""")
        self.process = subprocess.Popen(["dbus-daemon", f"--config-file={conf}", "--nofork"],
                                        stderr=subprocess.DEVNULL)
        self.address = f"unix:path={self.socket}"
        wait_for("bus", self.socket.exists)

    def close(self):
        stop(self.process)


NM = "org.freedesktop.NetworkManager"
NM_PATH = "/org/freedesktop/NetworkManager"
# The objects of a NetworkManager with one link, the loopback, which leads to the benchmark's server.
NM_OBJECTS = f"""[
  ('/org/freedesktop', 'org.sluice.Mock.Root', {{}}),
  ('{NM_PATH}', '{NM}', {{'Connectivity': <uint32 4>, 'PrimaryConnection': <objectpath '{NM_PATH}/Active/1'>}}),
  ('{NM_PATH}/Devices/1', '{NM}.Device', {{'Interface': <'lo'>, 'IpInterface': <'lo'>, 'State': <uint32 100>,
   'DeviceType': <uint32 1>, 'Metered': <uint32 2>, 'ActiveConnection': <objectpath '{NM_PATH}/Active/1'>}}),
  ('{NM_PATH}/Active/1', '{NM}.Connection.Active', {{'Id': <'link'>, 'State': <uint32 2>, 'Default': <true>,
   'Uuid': <'a5e7d5a2-92e5-4c3c-9b6e-0b1c8d6f2a11'>, 'Connection': <objectpath '{NM_PATH}/Settings/1'>,
   'Devices': <[objectpath '{NM_PATH}/Devices/1']>}}),
  ('{NM_PATH}/Settings/1', '{NM}.Settings.Connection', {{}})]"""
NM_METHODS = f"[('{NM_PATH}/Settings/1', '{NM}.Settings.Connection', 'GetSettings', '', 'a{{sa{{sv}}}}', 'ret = {{}}')]"


class Machine:
    """A system bus with a mock of NetworkManager, whose link can be made metered."""

    def __init__(self, bench):
        directory = pathlib.Path(tempfile.mkdtemp(prefix="machine-", dir=bench.data.path))
        template = pathlib.Path(__file__).resolve().parent.parent / "support" / "mock-template.py"
        self.bus = Bus(directory)
        self.env = {**os.environ, "DBUS_SYSTEM_BUS_ADDRESS": self.bus.address,
                    "PYTHONDONTWRITEBYTECODE": "1", "SLUICE_MOCK_NAME": NM,
                    "SLUICE_MOCK_OBJECTS": NM_OBJECTS, "SLUICE_MOCK_METHODS": NM_METHODS}
        with open(directory / "log", "wb") as log:
            self.process = subprocess.Popen(["/usr/bin/python3", "-m", "dbusmock", "--system", "--template",
                                             template], env=self.env, stdout=log, stderr=log)
        wait_for("the mock of NetworkManager", self.is_up)

    def is_up(self):
        return subprocess.run(
            ["gdbus", "call", "--address", self.bus.address, "--dest", NM, "--object-path", NM_PATH,
             "--method", "org.freedesktop.DBus.Peer.Ping"], check=False, capture_output=True).returncode == 0

    def close(self):
        stop(self.process)
        self.bus.close()


class Daemon:
    """sluiced with a bus and a state directory of its own, and with the system bus of a Machine if one is given."""

    def __init__(self, bench, namespace=None, machine=None):
        self.bench = bench
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="daemon-", dir=bench.data.path))
        self.bus = Bus(self.dir)
        self.inside = ["ip", "netns", "exec", namespace] if namespace else []
        self.log = open(self.dir / "log", "wb")
        self.env = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
                    "XDG_STATE_HOME": str(self.dir / "state"),
                    "XDG_CONFIG_HOME": str(self.dir / "config"), "HOME": str(self.dir),
                    "GIO_USE_VFS": "local", "GSETTINGS_BACKEND": "memory"}
        self.env.pop("STATE_DIRECTORY", None)
        if machine is not None:
            self.env["DBUS_SYSTEM_BUS_ADDRESS"] = machine.bus.address
        self.process = None
        self.start()

    def start(self):
        """Starts it. Returns the seconds until it answered."""
        # "ip netns exec" replaces itself by the daemon, so the pid is the daemon's
        with subprocess.Popen([self.bench.load_client, "answer"], env=self.env,
                              stdout=subprocess.PIPE, text=True) as client:
            time.sleep(0.1)
            begin = time.monotonic()
            self.process = subprocess.Popen([*self.inside, self.bench.sluiced, "--user"],
                                            env=self.env, stderr=self.log)
            wait_for("sluiced", lambda: client.poll() is not None or self.process.poll() is not None,
                     60)
            if client.poll() is None:
                client.kill()
                raise RuntimeError("sluiced ended: " + (self.dir / "log").read_text()[-2000:])
            answered = float(client.stdout.read().split()[1])
        return answered - begin

    def cpu(self):
        """Seconds of CPU of all its threads, including those that have ended."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def status(self, key):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1))

    def peak_mib(self):
        return self.status("VmHWM") / 1024

    def resident_mib(self):
        return self.status("VmRSS") / 1024

    def wakeups(self):
        """Voluntary context switches of all threads: how often a thread went to sleep."""
        total = 0
        for path in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/status"):
            total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", path.read_text(),
                                   re.M).group(1))
        return total

    def run(self, *arguments, check=True):
        """Runs the load client. Returns its "name value" lines as a dictionary of lists."""
        done = subprocess.run([self.bench.load_client, *map(str, arguments)], env=self.env,
                              stdout=subprocess.PIPE, text=True, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"load-client {arguments[0]} failed; the daemon's log: "
                               + (self.dir / "log").read_text()[-2000:])
        return parse(done.stdout)

    def flip(self, *arguments):
        """Runs the flip client like run()."""
        done = subprocess.run([self.bench.flip_client, *map(str, arguments)], env=self.env,
                              stdout=subprocess.PIPE, text=True, check=True)
        return parse(done.stdout)

    @contextlib.contextmanager
    def probing(self, samples):
        """Calls GetStatus once a millisecond in the background; appends the milliseconds of each call to samples."""
        with subprocess.Popen([self.bench.flip_client, "probe"], env=self.env, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True) as probe:
            yield
            samples += [float(value) for value in parse(probe.communicate()[0])["ms"]]

    def client(self, *arguments):
        return subprocess.Popen([self.bench.load_client, *map(str, arguments)], env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def close(self, how=signal.SIGTERM):
        stop(self.process, how)
        self.bus.close()
        self.log.close()


def parse(text):
    values = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        values.setdefault(name, []).append(value)
    return values


def timed(command, **options):
    """Runs a command to its end. Returns seconds: (wall, CPU of the command and its children)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, **options)
    wall = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


class LongPath:
    """Two network namespaces that are joined by the link emulator."""

    def __init__(self, bench, seed):
        tag = os.getpid()
        self.server, self.client = f"sluice-s{tag}", f"sluice-c{tag}"
        self.process = None
        self.made = []
        try:
            self.open(bench, seed)
        except BaseException:
            self.close()
            raise

    def open(self, bench, seed):
        for name in (self.server, self.client):
            subprocess.run(["ip", "netns", "add", name], check=True)
            self.made.append(name)
        self.process = subprocess.Popen(
            [bench.link_emulator, "-r", "100", "-d", "100", "-l", "0.001", "-s", str(seed),
             self.server, self.client, "path0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.process.stdout.readline()
        for name, mine, other in ((self.server, "10.77.0.1", "10.77.0.2"),
                                  (self.client, "10.77.0.2", "10.77.0.1")):
            # cubic by route: a namespace can't make it the default if the machine has another default
            for command in ("link set lo up", "link set path0 mtu 1500 txqueuelen 10000 up",
                            f"addr add {mine}/32 dev path0",
                            f"route add {other}/32 dev path0 src {mine} congctl cubic"):
                subprocess.run(["ip", "-n", name, *command.split()], check=True)
            subprocess.run(["ip", "netns", "exec", name, "sh", "-c",
                            "echo 1 >/proc/sys/net/ipv4/tcp_no_metrics_save"], check=True)

    def close(self):
        if self.process is not None:
            stop(self.process)
        for name in self.made:
            subprocess.run(["ip", "netns", "delete", name], check=False)
