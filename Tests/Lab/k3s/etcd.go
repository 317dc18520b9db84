package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
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

func (e *etcd) peerURL() string   { return "https://" + e.address + ":2380" }
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
		"--heartbeat-interval=" + strconv.Itoa(e.patience/10), "--election-timeout=" + strconv.Itoa(e.patience), "--pre-vote",
		"--snapshot-count=10000", "--logger=zap", "--log-level=warn",
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

// connect makes the client, with this server's certificate for it.
func (e *etcd) connect() error {
	path := filepath.Join(e.tls, "client")
	pair, err := tls.LoadX509KeyPair(path+".crt", path+".key")
	if err != nil {
		return err
	}
	ca, err := loadAuthority(filepath.Join(e.tls, "server-ca"))
	if err != nil {
		return err
	}
	e.client = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{pair}}}}
	return nil
}

// How many milliseconds a leader may be silent. One that is alone has nobody to wait for.
const (
	patienceAlone = 1000
	patience      = 2500
)

func (e *etcd) startNew() error {
	info("Starting etcd for new cluster")
	e.patience = patienceAlone
	return e.start("--initial-advertise-peer-urls="+e.peerURL(), "--initial-cluster="+e.name+"="+e.peerURL(), "--initial-cluster-state=new")
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

// join adds this server to the cluster, as a member that has no vote until it has caught up, and starts it. A join that
// was interrupted goes on: the member that has our address and no name yet is us.
func (e *etcd) join(cluster *clusterClient, node string) error {
	if err := e.connect(); err != nil {
		return err
	}
	known, err := cluster.etcdMembers()
	if err != nil {
		return err
	}
	members := struct{ Members []etcdMember }{}
	var endpoint string
	for _, url := range otherClients(known, e.address) {
		if err = e.call(url, "cluster/member/list", nil, &members); err == nil {
			endpoint = url
			break
		}
	}
	if endpoint == "" {
		return fmt.Errorf("no member of the etcd cluster answers: %v", err)
	}
	add, others := true, []string{}
	for _, each := range members.Members {
		if len(each.PeerURLs) == 0 {
			continue
		}
		peer, err := url.Parse(each.PeerURLs[0])
		if err != nil {
			return err
		}
		if each.Name == "" && peer.Hostname() == e.address {
			each.Name = e.name
		}
		if each.Name == e.name && peer.Hostname() == e.address {
			add = false
		} else if hyphen := strings.LastIndex(each.Name, "-"); hyphen > 0 && each.Name[:hyphen] == node {
			os.Remove(filepath.Join(e.folder, "name"))
			return errors.New("duplicate node name found, please use a unique name for this node")
		}
		others = append(others, each.Name+"="+each.PeerURLs[0])
	}
	if add {
		info("Adding member %s=%s to etcd cluster %v", e.name, e.peerURL(), others)
		request := map[string]any{"peerURLs": []string{e.peerURL()}, "isLearner": true}
		if err := e.call(endpoint, "cluster/member/add", request, nil); err != nil {
			return err
		}
		others = append(others, e.name+"="+e.peerURL())
	}
	info("Starting etcd to join cluster with members %v", others)
	e.patience = patience
	return e.start("--initial-advertise-peer-urls="+e.peerURL(), "--initial-cluster="+strings.Join(others, ","), "--initial-cluster-state=existing")
}

// etcdMembers are those that the server knows.
func (c *clusterClient) etcdMembers() ([]etcdMember, error) {
	content, err := c.get("/db/info")
	if err != nil {
		return nil, err
	}
	known := struct{ Members []etcdMember }{}
	err = json.Unmarshal(content, &known)
	return known.Members, err
}

// otherClients are the addresses for clients of the members with a vote, this machine's left out.
func otherClients(members []etcdMember, own string) (result []string) {
	for _, each := range members {
		for _, address := range each.ClientURLs {
			if parsed, err := url.Parse(address); err == nil && parsed.Hostname() != own && !each.IsLearner {
				result = append(result, address)
			}
		}
	}
	return result
}

type etcdMember struct {
	ID         string
	Name       string   `json:"name"`
	PeerURLs   []string `json:"peerURLs"`
	ClientURLs []string `json:"clientURLs"`
	IsLearner  bool     `json:"isLearner"`
}

func (e *etcd) members() ([]etcdMember, error) {
	found := struct{ Members []etcdMember }{}
	err := e.call(localEtcd, "cluster/member/list", nil, &found)
	return found.Members, err
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
			if err := e.call(endpoint, "cluster/member/promote", map[string]any{"ID": state.Header.MemberID}, nil); err == nil {
				info("Promoted learner %s", e.name)
				break
			}
		}
	}
	return errors.New("this server has not yet been promoted from learner to voting member")
}

// learnerPatience is how long a member may take to catch up.
const learnerPatience = 5 * time.Minute

// manageLearners, on the server that leads, gives members their vote when they have caught up, and takes those out that
// never do: nobody else could join.
func (e *etcd) manageLearners() {
	since := map[string]time.Time{}
	for ; ; time.Sleep(15 * time.Second) {
		members, err := e.members()
		if err != nil || !e.leads() {
			continue
		}
		for _, each := range members {
			if !each.IsLearner {
				continue
			}
			if _, known := since[each.ID]; !known {
				since[each.ID] = time.Now()
			}
			if e.call(localEtcd, "cluster/member/promote", map[string]any{"ID": each.ID}, nil) == nil {
				info("Promoted learner %s", each.Name)
			} else if time.Since(since[each.ID]) > learnerPatience && e.call(localEtcd, "cluster/member/remove", map[string]any{"ID": each.ID}, nil) == nil {
				logf("warning", "Removed learner %s from etcd cluster", each.Name)
			}
		}
	}
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

// removeMember takes a member out; one that is not there is no error.
func (e *etcd) removeMember(name, address string) error {
	members, err := e.members()
	if err != nil {
		return err
	}
	for _, each := range members {
		if each.Name == name && len(each.PeerURLs) > 0 && strings.HasPrefix(each.PeerURLs[0], "https://"+address+":") {
			info("Removing name=%s id=%s address=%s from etcd", name, each.ID, address)
			return e.call(localEtcd, "cluster/member/remove", map[string]any{"ID": each.ID}, nil)
		}
	}
	return nil
}

// ownPeerURL corrects the only member's address, which a snapshot or sqlite's stand-in brought from elsewhere.
func (e *etcd) ownPeerURL() error {
	members, err := e.members()
	if err != nil {
		return err
	}
	if len(members) != 1 || len(members[0].PeerURLs) == 1 && members[0].PeerURLs[0] == e.peerURL() {
		return nil
	}
	return e.call(localEtcd, "cluster/member/update", map[string]any{"ID": members[0].ID, "peerURLs": []string{e.peerURL()}}, nil)
}

func (e *etcd) put(key string, value []byte) error {
	return e.call(localEtcd, "kv/put", map[string]any{"key": []byte(key), "value": value}, nil)
}

// list is all keys that begin so.
func (e *etcd) list(prefix string) (map[string][]byte, error) {
	end := []byte(prefix)
	end[len(end)-1]++
	found := struct {
		Kvs []struct{ Key, Value []byte }
	}{}
	err := e.call(localEtcd, "kv/range", map[string]any{"key": []byte(prefix), "range_end": end}, &found)
	result := map[string][]byte{}
	for _, each := range found.Kvs {
		result[string(each.Key)] = each.Value
	}
	return result, err
}

// call is one request to etcd's JSON gateway.
func (e *etcd) call(endpoint, what string, body, into any) error {
	if body == nil {
		body = struct{}{}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	response, err := e.client.Post(endpoint+"/v3/"+what, "application/json", bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		failure := struct{ Error string }{}
		json.Unmarshal(content, &failure)
		return errors.New(failure.Error)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(content, into)
}
