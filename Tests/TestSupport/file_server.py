"""An HTTP server that gives the files of a folder, well and badly: file_server.py FOLDER [ADDRESS]

Prints its port. It ends with its standard input. The first parts of a path tell how the file at its end is given:

    /FILE                whole, or the range that is asked for
    /whole/FILE          ranges are not honoured
    /cut/N/FILE          the connection breaks off after N bytes, each time
    /once/N/FILE         the same, the first time only; ranges are not honoured
    /busy/N/FILE         the first N times the server is busy (503)
    /status/CODE/...     no more than an HTTP status
    /page/...            an HTML page instead
    /moved/...           a redirect to the rest
    /log                 what was asked for so far, a line each: the path and the range
"""
import http.server
import os
import re
import socketserver
import sys
import threading
import urllib.parse

folder, address = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1"
asked, counts, lock = [], {}, threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/log":
            return self.give(200, "".join(line + "\n" for line in asked).encode())
        with lock:
            asked.append(f"{self.path} {self.headers.get('Range', '')}".strip())
            counts[self.path] = counts.get(self.path, 0) + 1
        how, _, rest = self.path[1:].partition("/")
        number, _, file = rest.partition("/")
        if how == "whole":
            self.send_file(rest, ranges=False)
        elif how == "cut":
            self.send_file(file, cut=int(number))
        elif how == "once":
            self.send_file(file, ranges=False, cut=int(number) if counts[self.path] == 1 else None)
        elif how == "busy" and counts[self.path] <= int(number):
            self.give(503, b"busy")
        elif how == "busy":
            self.send_file(file)
        elif how == "status":
            self.give(int(number), b"no such thing")
        elif how == "page":
            self.give(200, b"<!DOCTYPE HTML>\n<html><body>Log in</body></html>\n", "text/html")
        elif how == "moved":
            self.give(302, b"", location="/" + rest)
        else:
            self.send_file(self.path[1:])

    def give(self, status, body, kind="text/plain", location=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def send_file(self, name, ranges=True, cut=None):
        path = os.path.join(folder, urllib.parse.unquote(name.split("?")[0]))
        if not os.path.isfile(path):
            return self.give(404, b"no such file")
        size, start = os.path.getsize(path), 0
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted and ranges:
            start = int(wanted[1])
            if start >= size:
                return self.give(416, b"")
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(size - start))
        self.end_headers()
        left = size - start if cut is None else min(cut, size - start)
        with open(path, "rb") as file:
            file.seek(start)
            while left > 0:
                piece = file.read(min(left, 1 << 16))
                self.wfile.write(piece)
                left -= len(piece)
        if cut is not None and cut < size - start:
            self.close_connection = True

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client):
        """A client that goes away is none of our business."""


server = Server((address, 0), Handler)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
