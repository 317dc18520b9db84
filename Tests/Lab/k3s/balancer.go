package main

import (
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A balancer is an agent's way to the servers: it listens on this machine and leads to one that answers, so that an
// agent outlives the server it joined.
type balancer struct {
	path     string
	joined   string
	listener net.Listener

	lock    sync.Mutex
	servers []string
	// current is where connections lead; open are those, to be cut when it no longer answers.
	current string
	open    map[net.Conn]string
}

func newBalancer(path, server, port string) (*balancer, error) {
	parsed, err := url.Parse(server)
	if err != nil || parsed.Scheme != "https" {
		return nil, &url.Error{Op: "parse", URL: server, Err: os.ErrInvalid}
	}
	host := parsed.Host
	if parsed.Port() == "" {
		host = net.JoinHostPort(parsed.Hostname(), "443")
	}
	b := &balancer{path: path, joined: host, servers: []string{host}, current: host, open: map[net.Conn]string{}}
	known := struct{ ServerURL, ServerAddresses any }{}
	content, err := os.ReadFile(path)
	if err == nil && json.Unmarshal(content, &known) == nil && known.ServerURL == server {
		if addresses, are := known.ServerAddresses.([]any); are {
			for _, address := range addresses {
				if address, is := address.(string); is && address != host {
					b.servers = append(b.servers, address)
				}
			}
		}
	}
	if b.listener, err = net.Listen("tcp4", "127.0.0.1:"+port); err != nil {
		return nil, err
	}
	info("Running load balancer k3s-agent-load-balancer %s -> %v [default: %s]", b.listener.Addr(), b.servers, host)
	go b.accept()
	go b.watch()
	return b, nil
}

func (b *balancer) url() string { return "https://" + b.listener.Addr().String() }

// update is what the cluster says of its servers. The one that was joined stays in mind.
func (b *balancer) update(servers []string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	servers = append(without(servers, []string{b.joined}), b.joined)
	if strings.Join(servers, ",") == strings.Join(b.servers, ",") {
		return
	}
	b.servers = servers
	info("Updated load balancer k3s-agent-load-balancer server addresses -> %v [default: %s]", servers, b.joined)
	content, _ := json.Marshal(map[string]any{"ServerURL": "https://" + b.joined, "ServerAddresses": servers})
	os.MkdirAll(filepath.Dir(b.path), 0o755)
	os.WriteFile(b.path, content, 0o644)
}

func (b *balancer) accept() {
	for {
		connection, err := b.listener.Accept()
		if err != nil {
			return
		}
		go b.serve(connection)
	}
}

func (b *balancer) serve(client net.Conn) {
	defer client.Close()
	server, at := b.dial()
	if server == nil {
		return
	}
	defer server.Close()
	b.lock.Lock()
	b.open[client] = at
	b.lock.Unlock()
	go func() {
		io.Copy(server, client)
		server.(*net.TCPConn).CloseWrite()
	}()
	io.Copy(client, server)
	b.lock.Lock()
	delete(b.open, client)
	b.lock.Unlock()
}

// dial tries the current server and then the others; the one that answers is the current one.
func (b *balancer) dial() (net.Conn, string) {
	b.lock.Lock()
	candidates := append([]string{b.current}, without(b.servers, []string{b.current})...)
	b.lock.Unlock()
	for _, candidate := range candidates {
		if connection, err := net.DialTimeout("tcp4", candidate, 2*time.Second); err == nil {
			b.lock.Lock()
			b.current = candidate
			b.lock.Unlock()
			return connection, candidate
		}
	}
	return nil, ""
}

// watch looks whether the current server still answers: one without power does not even hang up.
func (b *balancer) watch() {
	for ; ; time.Sleep(3 * time.Second) {
		b.lock.Lock()
		current, others := b.current, len(b.servers) > 1
		b.lock.Unlock()
		if !others {
			continue
		}
		if connection, err := net.DialTimeout("tcp4", current, 2*time.Second); err == nil {
			connection.Close()
			continue
		}
		b.lock.Lock()
		for client, at := range b.open {
			if at == current {
				client.Close()
			}
		}
		b.lock.Unlock()
		if connection, _ := b.dial(); connection != nil {
			connection.Close()
		}
	}
}
