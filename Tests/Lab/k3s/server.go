package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// clusterServer is a machine that runs the control plane.
type clusterServer struct {
	*machine
	folder, tls, cred string
	port              string
	join              string
	// password is the token's secret part, which joins servers; agentPassword joins agents.
	password, agentPassword string
	etcd                    *etcd
	api                     *apiClient
	passwords               passwords
	supervisor              *supervisor
	services                *net.IPNet
}

func newServer(o options) (*clusterServer, error) {
	m, err := newMachine("server", o)
	if err != nil {
		return nil, err
	}
	s := &clusterServer{machine: m, folder: filepath.Join(m.data, "server"), port: o.text("https-listen-port", "6443"), join: o.text("server", "")}
	s.tls, s.cred = filepath.Join(s.folder, "tls"), filepath.Join(s.folder, "cred")
	if _, s.services, err = net.ParseCIDR(s.serviceCIDR()); err != nil {
		return nil, fmt.Errorf("invalid service-cidr %s: %w", s.serviceCIDR(), err)
	}
	if _, _, err = net.ParseCIDR(s.clusterCIDR()); err != nil {
		return nil, fmt.Errorf("invalid cluster-cidr %s: %w", s.clusterCIDR(), err)
	}
	for _, folder := range []string{s.folder, s.tls, s.cred, filepath.Join(s.folder, "db")} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *clusterServer) clusterCIDR() string   { return s.text("cluster-cidr", "10.42.0.0/16") }
func (s *clusterServer) serviceCIDR() string   { return s.text("service-cidr", "10.43.0.0/16") }
func (s *clusterServer) clusterDomain() string { return s.text("cluster-domain", "cluster.local") }

// service is the address so many into the services' network: the API's is the first, the DNS's the tenth.
func (s *clusterServer) service(index byte) string {
	ip := append(net.IP{}, s.services.IP...)
	ip[len(ip)-1] += index
	return ip.String()
}

func (s *clusterServer) clusterDNS() string { return s.text("cluster-dns", s.service(10)) }

func runServer(arguments []string) error {
	o, err := parseOptions(serverFlags, arguments)
	if err != nil {
		return err
	}
	if o.text("cluster-reset-restore-path", "") != "" && !o.on("cluster-reset") {
		return errors.New("invalid flag use; --cluster-reset required with --cluster-reset-restore-path")
	}
	s, err := newServer(o)
	if err != nil {
		return err
	}
	s.untilSignal()
	info("Starting k3s %s (lab)", version)
	if s.on("cluster-reset") {
		err = s.reset()
	} else {
		err = s.serve()
	}
	s.programs.end()
	return err
}

// serve is a server's life from start to failure.
func (s *clusterServer) serve() error {
	if err := s.prepare(); err != nil {
		return fmt.Errorf("starting kubernetes: preparing server: %w", err)
	}
	failed, err := s.startControlPlane()
	if err != nil {
		return err
	}
	if err := s.writeKubeconfig(); err != nil {
		return err
	}
	go s.superviseNodes()
	go s.etcd.manageLearners()
	go s.deployManifests()
	go s.node()
	info("k3s is up and running")
	s.machine.ready()
	return <-failed
}

// prepare brings the server to where Kubernetes can start: keys and certificates, the supervisor, the datastore.
func (s *clusterServer) prepare() error {
	given, err := s.options.file("token")
	if err != nil {
		return err
	}
	s.chooseDatastore(given)
	var cluster *clusterClient
	if s.join != "" && given != "" {
		s.etcd.elsewhere = func() ([]etcdMember, error) {
			cluster, err := validated(s.join, given, "server")
			if err != nil {
				return nil, err
			}
			return cluster.etcdMembers()
		}
	}
	if s.join != "" && !s.etcd.initialized() {
		if given == "" {
			return errors.New("K3S_TOKEN is required to join a cluster")
		}
		if cluster, err = s.bootstrapFrom(given); err != nil {
			return err
		}
	}
	if err := s.keys(); err != nil {
		return err
	}
	if err := s.tokens(given); err != nil {
		return err
	}
	if err := s.certificates(); err != nil {
		return err
	}
	if err := s.startSupervisor(); err != nil {
		return err
	}
	if err := s.startDatastore(cluster); err != nil {
		return fmt.Errorf("start managed database: %w", err)
	}
	return s.reconcileBootstrap()
}

// chooseDatastore: etcd where it has been initialized before, or where servers are to share it; else sqlite's stand-in.
func (s *clusterServer) chooseDatastore(token string) {
	s.etcd = &etcd{folder: filepath.Join(s.folder, "db", "etcd"), address: s.address, embedded: true,
		tls: filepath.Join(s.tls, "etcd"), arguments: s.values["etcd-arg"], patience: patienceAlone, programs: s.programs}
	if tombstone := filepath.Join(s.etcd.folder, "tombstone"); exists(tombstone) {
		info("tombstone file has been detected, removing data dir to rejoin the cluster")
		os.Rename(s.etcd.folder, fmt.Sprintf("%s-old-%d", s.etcd.folder, time.Now().Unix()))
	}
	if !s.etcd.initialized() && !s.on("cluster-init") && (s.join == "" || token == "") {
		s.etcd.embedded, s.etcd.folder, s.etcd.address = false, s.sqlite(), "127.0.0.1"
	}
}

func (s *clusterServer) sqlite() string    { return filepath.Join(s.folder, "db", "state.db") }
func (s *clusterServer) resetFlag() string { return filepath.Join(s.folder, "db", "reset-flag") }

func (s *clusterServer) startDatastore(cluster *clusterClient) error {
	wasReset := exists(s.resetFlag())
	os.Remove(s.resetFlag())
	if err := s.etcd.setName(false, s.name); err != nil {
		return err
	}
	var err error
	switch {
	case s.etcd.initialized():
		err = s.etcd.startExisting()
	case cluster != nil:
		if err = s.etcd.join(cluster, s.name); err != nil {
			err = fmt.Errorf("ETCD join failed: %w", err)
		}
	case s.etcd.embedded && exists(s.sqlite()):
		err = s.migrate()
	default:
		err = s.etcd.startNew()
	}
	if err == nil {
		err = s.etcd.awaitReady()
	}
	if err == nil && wasReset {
		s.passwords.forget(s.name)
	}
	return err
}

// migrate makes of sqlite's stand-in the first member of an etcd cluster.
func (s *clusterServer) migrate() error {
	info("Migrating content from sqlite to etcd")
	member := filepath.Join(s.etcd.folder, "member")
	if err := os.Rename(filepath.Join(s.sqlite(), "member"), member); err != nil {
		return err
	}
	if err := os.Rename(s.sqlite(), s.sqlite()+".migrated"); err != nil {
		return err
	}
	if err := s.etcd.start("--force-new-cluster"); err != nil {
		return err
	}
	if err := s.etcd.awaitReady(); err != nil {
		return err
	}
	return s.etcd.ownPeerURL()
}

// tokens: the token that was given, or the one there is, or a new one.
func (s *clusterServer) tokens(given string) error {
	path := filepath.Join(s.folder, "token")
	if given == "" {
		content, _ := os.ReadFile(path)
		given = strings.TrimSpace(string(content))
	}
	if given == "" {
		random, err := keptSecret(filepath.Join(s.folder, ".token"), 16)
		if err != nil {
			return err
		}
		os.Remove(filepath.Join(s.folder, ".token"))
		given = random
	}
	parsed, err := parseToken(given)
	if err != nil {
		return err
	}
	s.password, s.agentPassword = parsed.password, parsed.password
	if other, err := s.options.file("agent-token"); err != nil {
		return err
	} else if other != "" {
		parsed, err := parseToken(other)
		if err != nil {
			return err
		}
		s.agentPassword = parsed.password
	}
	return s.writeTokens()
}

func (s *clusterServer) writeTokens() error {
	ca, err := os.ReadFile(filepath.Join(s.tls, "server-ca.crt"))
	if err != nil {
		return err
	}
	path := filepath.Join(s.folder, "token")
	if err := os.WriteFile(path, []byte(formatToken("server", s.password, ca)+"\n"), 0o600); err != nil {
		return err
	}
	agents := filepath.Join(s.folder, "agent-token")
	os.Remove(agents)
	if s.agentPassword != s.password {
		if err := os.WriteFile(agents, []byte(formatToken("node", s.agentPassword, ca)+"\n"), 0o600); err != nil {
			return err
		}
	} else if err := os.Symlink(path, agents); err != nil {
		return err
	}
	old := filepath.Join(s.folder, "node-token")
	os.Remove(old)
	if err := os.Symlink(agents, old); err != nil {
		return err
	}
	passwd := fmt.Sprintf("%s,node,node,k3s:agent\n%s,server,server,k3s:server\n", s.agentPassword, s.password)
	return os.WriteFile(filepath.Join(s.cred, "passwd"), []byte(passwd), 0o600)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
