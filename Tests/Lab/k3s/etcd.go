package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// etcd is the datastore: the embedded one that several servers share or, listening to this machine alone, what stands
// for sqlite.
type etcd struct {
	folder   string
	name     string
	address  string
	embedded bool
	// closed: nobody else may come in, while it is being reset.
	closed    bool
	tls       string
	arguments []string
	patience  int
	programs  *family
	process   *member
	client    *http.Client
	// elsewhere asks the server that was joined for the members.
	elsewhere func() ([]etcdMember, error)
}

func (e *etcd) peerURL() string { return "https://" + e.address + ":2380" }

func (e *etcd) clientURL() string { return "https://" + e.address + ":2379" }

const localEtcd = "https://127.0.0.1:2379"

// initialized: it has been up before.
func (e *etcd) initialized() bool {
	found, err := os.Stat(filepath.Join(e.folder, "member", "wal"))
	return err == nil && found.IsDir()
}

// setName gives the member a name of its own, once.
func (e *etcd) setName(anew bool, node string) error {
	path := filepath.Join(e.folder, "name")
	if content, err := os.ReadFile(path); err == nil && !anew {
		e.name = string(content)
		return nil
	}
	random := make([]byte, 4)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	e.name = node + "-" + hex.EncodeToString(random)
	if err := os.MkdirAll(e.folder, 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(e.name), 0o600)
}

// start runs etcd. Where it has been up before, what is said about its cluster does not count.
func (e *etcd) start(more ...string) error {
	clients, peers := localEtcd, "https://127.0.0.1:2380"
	if e.embedded && !e.closed {
		clients, peers = clients+","+e.clientURL(), peers+","+e.peerURL()
	}
	file := func(name string) string { return filepath.Join(e.tls, name) }
	arguments := append([]string{
		"--name=" + e.name, "--data-dir=" + e.folder,
		"--listen-client-urls=" + clients, "--advertise-client-urls=" + e.clientURL(), "--listen-peer-urls=" + peers,
		"--listen-metrics-urls=http://127.0.0.1:2381",
		"--client-cert-auth", "--trusted-ca-file=" + file("server-ca.crt"),
		"--cert-file=" + file("server-client.crt"), "--key-file=" + file("server-client.key"),
		"--peer-client-cert-auth", "--peer-trusted-ca-file=" + file("peer-ca.crt"),
		"--peer-cert-file=" + file("peer-server-client.crt"), "--peer-key-file=" + file("peer-server-client.key"),
		"--heartbeat-interval=" + strconv.Itoa(e.patience/10), "--election-timeout=" + strconv.Itoa(e.patience),
		"--pre-vote", "--snapshot-count=10000", "--logger=zap", "--log-level=warn",
	}, more...)
	for _, argument := range e.arguments {
		arguments = append(arguments, "--"+strings.TrimLeft(argument, "-"))
	}
	if err := e.connect(); err != nil {
		return err
	}
	var err error
	e.process, err = e.programs.start("etcd", program("etcd"), arguments...)
	return err
}

// How many milliseconds a leader may be silent. One that is alone has nobody to wait for.
const (
	patienceAlone = 1000
	patience      = 2500
)

func (e *etcd) startNew() error {
	info("Starting etcd for new cluster")
	e.patience = patienceAlone
	return e.start("--initial-advertise-peer-urls="+e.peerURL(), "--initial-cluster="+e.name+"="+e.peerURL(),
		"--initial-cluster-state=new")
}

// startExisting is for a member that has been one before.
func (e *etcd) startExisting() error {
	e.patience = patienceAlone
	if e.embedded {
		info("Starting etcd for existing cluster member")
		e.patience = patience
	}
	return e.start("--initial-cluster-state=existing")
}

// test: etcd answers, has a leader, and this member has a vote. A member without one is put forward to the others.
func (e *etcd) test() error {
	state, err := e.status()
	if err != nil {
		return err
	}
	if state.Leader == "" || state.Leader == "0" {
		return errors.New("etcdserver: no leader")
	}
	if !state.IsLearner {
		return nil
	}
	// A learner does not tell who the others are.
	if e.elsewhere != nil {
		members, err := e.elsewhere()
		if err != nil {
			return err
		}
		for _, endpoint := range otherClients(members, e.address) {
			if e.call(endpoint, "cluster/member/promote", map[string]any{"ID": state.Header.MemberID}, nil) == nil {
				info("Promoted learner %s", e.name)
				break
			}
		}
	}
	return errors.New("this server has not yet been promoted from learner to voting member")
}

type etcdStatus struct {
	Header struct {
		MemberID string `json:"member_id"`
	}
	Leader    string
	IsLearner bool
}

func (e *etcd) status() (state etcdStatus, err error) {
	err = e.call(localEtcd, "maintenance/status", nil, &state)
	return state, err
}

// leads: of several servers, one does what is to be done once.
func (e *etcd) leads() bool {
	state, err := e.status()
	return err == nil && state.Header.MemberID == state.Leader
}

// awaitReady waits until the test succeeds, saying every five seconds why it does not, or until etcd has ended.
func (e *etcd) awaitReady() error {
	for tries := 1; ; tries++ {
		err := e.test()
		if err == nil {
			info("etcd data store connection OK")
			return nil
		}
		if tries%25 == 0 {
			info("Failed to test data store connection: %s", err)
		}
		select {
		case <-e.process.ended:
			return fmt.Errorf("etcd exited: %s", e.process.lastWords())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
