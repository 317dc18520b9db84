"""Forwards plain HTTP to an API server with a token, and runs a command before the first request that holds a text, or
answers that request as an API server does that serves no such kind:
proxy.py SERVER TOKEN TEXT COMMAND…|no-such-kind"""
import http.server, socketserver, ssl, subprocess, sys, threading, urllib.error, urllib.request

server, token, text, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
lock, state = threading.Lock(), {"ran": False}
context = ssl._create_unverified_context()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        with lock:
            is_first = text in self.path and not state["ran"]
            if is_first:
                state["ran"] = True
                if command == ["no-such-kind"]:
                    return self.tell(404, "text/plain; charset=utf-8", b"404 page not found\n")
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        headers = {"Authorization": "Bearer " + token}
        if sent:
            headers["Content-Type"] = self.headers["Content-Type"]
        request = urllib.request.Request(server + self.path, sent, headers, method=self.command)
        try:
            answer = urllib.request.urlopen(request, context=context)
        except urllib.error.HTTPError as error:
            answer = error
        self.tell(answer.status, answer.headers.get("Content-Type", ""), answer.read())

    do_PATCH = do_POST = do_GET

    def tell(self, status, kind, body):
        print(status, self.path, flush=True)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


web = Server(("127.0.0.1", 0), Handler)
print(f"listening on {web.server_address[1]};", flush=True)
web.serve_forever()
