"""Stands in for tailscaled: its local API over a unix socket, as ipn/localapi answers. What /localapi/v0/status gives is
read from a file at each request; a file that says `HANG` is never answered, one that begins with `500 ` is an error."""
import http.server, os, socketserver, sys, threading

path, content = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def address_string(self):
        return "client"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if status == 200 else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        # Nothing that a web page could have sent is answered.
        if self.headers.get("Referer") or self.headers.get("Origin"):
            return self.answer(403, b"invalid localapi request\n")
        if self.headers.get("Host") != "local-tailscaled.sock":
            return self.answer(403, b"invalid localapi request\n")
        if self.path != "/localapi/v0/status":
            return self.answer(404, b"404 page not found\n")
        with open(content, "rb") as file:
            body = file.read()
        if body == b"HANG":
            threading.Event().wait()
        if body.startswith(b"500 "):
            return self.answer(500, body[4:])
        self.answer(200, body)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


server = Server(path, Handler)
print("listening", flush=True)
server.serve_forever()
