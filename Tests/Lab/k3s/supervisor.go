package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// supervisor answers on k3s's port: what joining machines ask for, and Kubernetes' API behind it. That one listens on
// the same port of 127.0.0.2, so that the address it advertises is right.
type supervisor struct {
	*clusterServer
	serverCA, clientCA authority
	proxy              *httputil.ReverseProxy
	apiReady           atomic.Bool
}

const reusePort = 0xf // SO_REUSEPORT

func (s *clusterServer) startSupervisor() error {
	v := &supervisor{clusterServer: s}
	var err error
	if v.serverCA, err = loadAuthority(filepath.Join(s.tls, "server-ca")); err != nil {
		return err
	}
	if v.clientCA, err = loadAuthority(filepath.Join(s.tls, "client-ca")); err != nil {
		return err
	}
	front, err := loadPair(filepath.Join(s.tls, "client-auth-proxy"))
	if err != nil {
		return err
	}
	serving, err := loadPair(filepath.Join(s.tls, "serving-kube-apiserver"))
	if err != nil {
		return err
	}
	v.proxy = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "https", Host: "127.0.0.2:" + s.port})
	v.proxy.FlushInterval = -1
	behind := &tls.Config{RootCAs: v.serverCA.pool(), ServerName: "kubernetes", Certificates: []tls.Certificate{front}}
	v.proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 100, IdleConnTimeout: time.Minute, TLSClientConfig: behind}
	v.proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusBadGateway)
	}
	listening := net.ListenConfig{Control: func(_, _ string, connection syscall.RawConn) (err error) {
		connection.Control(func(handle uintptr) {
			err = syscall.SetsockoptInt(int(handle), syscall.SOL_SOCKET, reusePort, 1)
		})
		return err
	}}
	listener, err := listening.Listen(context.Background(), "tcp4", s.text("bind-address", "0.0.0.0")+":"+s.port)
	if err != nil {
		return err
	}
	s.supervisor = v
	configuration := &tls.Config{Certificates: []tls.Certificate{serving}, ClientAuth: tls.RequestClientCert}
	server := &http.Server{Handler: v, ErrorLog: quiet(), TLSConfig: configuration}
	go server.ServeTLS(listener, "", "")
	return nil
}

func (v *supervisor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	switch {
	case local != nil && strings.HasPrefix(local.String(), "127.0.0.2:"):
		// Meant for the API server, which does not listen yet: whoever asks is to connect anew.
		panic(http.ErrAbortHandler)
	case r.URL.Path == "/ping":
		w.Write([]byte("pong"))
	case r.URL.Path == "/cacerts":
		w.Write(v.serverCA.pem)
	case strings.HasPrefix(r.URL.Path, "/v1-k3s/"), r.URL.Path == "/db/info" && v.etcd.embedded:
		content, err := v.answer(r)
		if err != nil {
			http.Error(w, err.Error(), statusOf(err))
			return
		}
		w.Write(content)
	case !v.apiReady.Load():
		http.Error(w, "apiserver not ready", http.StatusServiceUnavailable)
	default:
		v.forward(w, r)
	}
}

// forward hands a request on to the API server, with the name that its certificate gives it.
func (v *supervisor) forward(w http.ResponseWriter, r *http.Request) {
	for name := range r.Header {
		if strings.HasPrefix(strings.ToLower(name), "x-remote-") {
			r.Header.Del(name)
		}
	}
	if peer := v.peer(r); peer != nil {
		r.Header.Set("X-Remote-User", peer.Subject.CommonName)
		for _, group := range peer.Subject.Organization {
			r.Header.Add("X-Remote-Group", group)
		}
	}
	v.proxy.ServeHTTP(w, r)
}

// peer is the client's certificate, if it is one of this cluster's.
func (v *supervisor) peer(r *http.Request) *x509.Certificate {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return nil
	}
	options := x509.VerifyOptions{Roots: v.clientCA.pool(), KeyUsages: client, CurrentTime: clock()}
	if _, err := r.TLS.PeerCertificates[0].Verify(options); err != nil {
		return nil
	}
	return r.TLS.PeerCertificates[0]
}

func refuse(code int, why string) error { return &statusError{code: code, message: why} }

// answer is what machines that join, or have joined, ask for.
func (v *supervisor) answer(r *http.Request) ([]byte, error) {
	user, password, _ := r.BasicAuth()
	asServer := user == "server" && password == v.password
	asNode := asServer || user == "node" && password == v.agentPassword
	identity := ""
	if peer := v.peer(r); peer != nil {
		identity = strings.TrimPrefix(peer.Subject.CommonName, "system:node:")
	}
	if !asNode && identity == "" {
		return nil, refuse(http.StatusUnauthorized, "Unauthorized")
	}
	switch what := strings.TrimPrefix(r.URL.Path, "/v1-k3s/"); what {
	case "/db/info":
		if !asServer {
			return nil, refuse(http.StatusForbidden, "Forbidden")
		}
		members, err := v.etcd.members()
		if err != nil {
			return nil, refuse(http.StatusServiceUnavailable, err.Error())
		}
		return json.Marshal(map[string]any{"members": members})
	case "server-bootstrap":
		if !asServer {
			return nil, refuse(http.StatusForbidden, "Forbidden")
		}
		files, err := v.readBootstrap()
		if err != nil {
			return nil, refuse(http.StatusInternalServerError, err.Error())
		}
		return json.Marshal(files)
	case "config":
		return json.Marshal(v.critical())
	case "client-ca.crt":
		return v.clientCA.pem, nil
	case "server-ca.crt":
		return v.serverCA.pem, nil
	case "client-kubelet.crt", "serving-kubelet.crt":
		return v.nodeCertificate(r, what, asNode, identity)
	case "apiservers":
		addresses, err := v.apiServers()
		if err != nil {
			return nil, refuse(http.StatusServiceUnavailable, err.Error())
		}
		return json.Marshal(addresses)
	case "readyz":
		if !v.apiReady.Load() {
			return nil, refuse(http.StatusServiceUnavailable, "runtime core not ready")
		}
		return []byte("ok"), nil
	}
	return nil, refuse(http.StatusNotFound, "404 page not found")
}

// nodeCertificate is for the node of that name alone: the one that brings the password it came with the first time.
func (v *supervisor) nodeCertificate(r *http.Request, what string, withToken bool, identity string) ([]byte, error) {
	name, password := strings.ToLower(r.Header.Get("k3s-Node-Name")), r.Header.Get("k3s-Node-Password")
	if name == "" || password == "" {
		return nil, refuse(http.StatusBadRequest, "node name not set")
	}
	if !v.apiReady.Load() {
		return nil, refuse(http.StatusServiceUnavailable, "runtime core not ready")
	}
	if !withToken && name != identity {
		return nil, refuse(http.StatusBadRequest, "header node name does not match auth node name")
	}
	if !withToken && statusOf(v.api.do("GET", nodePath(name), nil, nil)) == http.StatusNotFound {
		return nil, refuse(http.StatusUnauthorized, "unable to verify node identity")
	}
	if err := v.passwords.ensure(name, password); err != nil {
		logf("error", "Sending HTTP 403 response to %s: %s", r.RemoteAddr, err)
		return nil, refuse(http.StatusForbidden, err.Error())
	}
	return v.issueNode(what, name, strings.Split(r.Header.Get("k3s-Node-IP"), ","))
}

// issueNode makes a node's certificate and key in one.
func (v *supervisor) issueNode(what, name string, addresses []string) (content []byte, err error) {
	var key *ecdsa.PrivateKey
	if what == "client-kubelet.crt" {
		content, key, err = v.clientCA.issue(clientOf("system:node:"+name, "system:nodes"))
	} else {
		hosts := append(addresses, name, "localhost", "127.0.0.1")
		content, key, err = v.serverCA.issue(subject{name, nil, server, hosts})
	}
	if err != nil {
		return nil, err
	}
	encoded, err := encodeKey(key)
	return append(content, encoded...), err
}

// apiServers are the addresses of all of them.
func (v *supervisor) apiServers() (addresses []string, err error) {
	if !v.apiReady.Load() {
		return nil, errors.New("runtime core not ready")
	}
	endpoints := struct {
		Subsets []struct {
			Addresses []struct{ IP string }
			Ports     []struct{ Port int }
		}
	}{}
	if err := v.api.do("GET", "/api/v1/namespaces/default/endpoints/kubernetes", nil, &endpoints); err != nil {
		return nil, err
	}
	for _, subset := range endpoints.Subsets {
		for _, address := range subset.Addresses {
			addresses = append(addresses, net.JoinHostPort(address.IP, v.port))
		}
	}
	return addresses, nil
}

// quiet: what Go's server has to say of clients that hang up is not for the journal.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
