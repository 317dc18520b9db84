"""Forwards plain HTTP to an API server with a token, and runs a command before the first request that holds a text:
proxy.py SERVER TOKEN TEXT COMMAND…"""
import http.server, socketserver, ssl, subprocess, sys, threading, urllib.error, urllib.request

server, token, text, command = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
lock, state = threading.Lock(), {"ran": False}
context = ssl._create_unverified_context()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        with lock:
            if text in self.path and not state["ran"]:
                state["ran"] = True
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        request = urllib.request.Request(server + self.path, headers={"Authorization": "Bearer " + token})
        try:
            answer = urllib.request.urlopen(request, context=context)
        except urllib.error.HTTPError as error:
            answer = error
        body = answer.read()
        print(answer.status, self.path, flush=True)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", ""))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


web = Server(("127.0.0.1", 0), Handler)
print(f"listening on {web.server_address[1]};", flush=True)
web.serve_forever()
