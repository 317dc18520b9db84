"""A small web server for the tests: what a path does is told by its first part and its query."""
import argparse, gzip, http.server, json, os, socket, socketserver, ssl, threading, urllib.parse

arguments = argparse.ArgumentParser()
arguments.add_argument("--unix")
arguments.add_argument("--port", type=int, default=0)
arguments.add_argument("--cert")
arguments.add_argument("--key")
arguments.add_argument("--client-ca")
arguments = arguments.parse_args()

lock = threading.Lock()
counts = {}
signals = {}


def signal(name):
    with lock:
        return signals.setdefault(name, threading.Event())


def content(size):
    """The same bytes at every call, no two stretches alike."""
    return b"".join(b"%015d\n" % i for i in range((size + 15) // 16))[:size]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def setup(self):
        with lock:
            counts["connections"] = counts.get("connections", 0) + 1
        super().setup()

    def address_string(self):
        return "client"

    def answer(self, body, status=200, headers=(), length=None):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def cut(self):
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def any(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = [urllib.parse.unquote(p) for p in url.path.split("/")[1:]]
        with lock:
            counts[url.path] = counts.get(url.path, 0) + 1
        length = int(self.headers.get("Content-Length") or 0)
        self.sent = self.rfile.read(length)
        getattr(self, "do_" + parts[0].replace("-", "_"), self.nothing)(parts[1:], query)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = any

    def nothing(self, parts, query):
        self.answer(b"there is no such thing\n", 404)

    def do_hello(self, parts, query):
        self.answer(b"hello\n", headers=[("X-Greeting", "one"), ("x-greeting", "two"), ("Content-Type", "text/plain")])

    def do_echo(self, parts, query):
        told = {"method": self.command, "path": self.path, "body": self.sent.decode("latin-1"),
                "headers": {k.lower(): v for k, v in self.headers.items()}}
        if isinstance(self.connection, ssl.SSLSocket):
            told["client"] = str((self.connection.getpeercert() or {}).get("subject"))
        self.answer(json.dumps(told).encode())

    def do_status(self, parts, query):
        self.answer(b"as asked\n", int(parts[0]))

    def do_count(self, parts, query):
        with lock:
            self.answer(str(counts.get("/" + "/".join(parts) if parts[0] != "connections" else "connections", 0)).encode())

    def do_zip(self, parts, query):
        body = content(int(parts[0]))
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            return self.answer(gzip.compress(body), headers=[("Content-Encoding", "gzip")])
        self.answer(body)

    def do_redirect(self, parts, query):
        left = int(parts[0])
        self.answer(b"elsewhere\n", 302, [("Location", f"/redirect/{left - 1}" if left > 1 else "/hello")])

    def do_lead(self, parts, query):
        self.answer(b"", 302, [("Location", query["to"])])

    def do_never(self, parts, query):
        signal("never").set()
        signal("end").wait()

    def do_stall(self, parts, query):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * 500)
        signal("end").wait()

    def do_truncated(self, parts, query):
        self.answer(b"x" * 500, length=1000)
        self.cut()

    def do_close(self, parts, query):
        self.cut()

    def do_text(self, parts, query):
        body = urllib.parse.unquote_to_bytes(urllib.parse.urlsplit(self.path).query.split("=", 1)[1])
        self.answer(body, headers=[("Content-Type", "text/plain")])

    def do_signal(self, parts, query):
        signal(parts[0]).set()
        self.answer(b"")

    def do_wait(self, parts, query):
        signal(parts[0]).wait()
        self.answer(b"")

    def do_pieces(self, parts, query):
        """Pieces of a stream, each once somebody has asked for /signal/ITS-NAME."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for name in parts:
            if name == "cut":
                return self.cut()
            signal(name).wait()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(name), name.encode()))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def do_flood(self, parts, query):
        """Megabytes, as fast as they are taken; /count/flooded tells how many have gone."""
        self.send_response(200)
        self.send_header("Content-Length", str(int(parts[0]) << 20))
        self.end_headers()
        piece = content(1 << 20)
        for _ in range(int(parts[0])):
            self.wfile.write(piece)
            with lock:
                counts["/flooded"] = counts.get("/flooded", 0) + 1

    def do_file(self, parts, query):
        """A file of so many bytes: ?cut=N cuts after N bytes of each answer, ?once=1 of the first only, ?ranges=no knows
        no ranges, ?other=1 is another file."""
        body = content(int(parts[0]))
        if "other" in query:
            body = body.swapcase().replace(b"0", b"o")
        start, asked = 0, self.headers.get("Range")
        status, headers = 200, []
        with lock:
            counts.setdefault("ranges", []).append(asked)
        if asked and query.get("ranges") != "no":
            start = int(asked[len("bytes="):-1])
            if start >= len(body):
                return self.answer(b"", 416, [("Content-Range", f"bytes */{len(body)}")])
            status, headers = 206, [("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")]
        rest = body[start:]
        limit = int(query.get("cut", len(rest)))
        if query.get("once") and asked:
            limit = len(rest)
        self.answer(rest[:limit], status, headers, length=len(rest))
        if limit < len(rest):
            self.cut()

    def do_first(self, parts, query):
        """As file, once; then the server is gone."""
        self.do_file(parts, query)
        server.socket.close()
        os._exit(0)

    def do_held(self, parts, query):
        """As file, once somebody has asked for /signal/go."""
        signal("held").set()
        signal("go").wait()
        self.do_file(parts, query)

    def do_ranges(self, parts, query):
        with lock:
            self.answer(json.dumps(counts.get("ranges", [])).encode())


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def finish_request(self, request, client_address):
        if isinstance(request, ssl.SSLSocket):
            try:
                request.do_handshake()
            except ssl.SSLError:
                # Closed with the client's first words unread it would be a reset, which overtakes the alert that says why.
                request.settimeout(5)
                request.shutdown(socket.SHUT_WR)
                while request.recv(65536):
                    pass
                return
        super().finish_request(request, client_address)

    def handle_error(self, *_):
        pass


class UnixServer(Server):
    address_family = socket.AF_UNIX

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "unix", 0

    def get_request(self):
        connection, _ = super().get_request()
        return connection, ("client", 0)


if arguments.unix:
    server = UnixServer(arguments.unix, Handler)
else:
    server = Server(("127.0.0.1", arguments.port), Handler)
if arguments.cert:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.cert, arguments.key)
    if arguments.client_ca:
        context.load_verify_locations(arguments.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    wrapped = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.socket = wrapped
print(f"listening on {arguments.unix or server.server_address[1]};", flush=True)
server.serve_forever()
