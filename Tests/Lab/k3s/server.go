package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
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
	s := &clusterServer{machine: m, folder: filepath.Join(m.data, "server")}
	s.port, s.join = o.text("https-listen-port", "6443"), o.text("server", "")
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

func (s *clusterServer) clusterCIDR() string { return s.text("cluster-cidr", "10.42.0.0/16") }

func (s *clusterServer) serviceCIDR() string { return s.text("service-cidr", "10.43.0.0/16") }

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
	if !s.etcd.embedded && s.etcd.initialized() && !exists(filepath.Join(s.tls, "server-ca.key")) {
		if err := s.recoverKeys(given); err != nil {
			return fmt.Errorf("start managed database: %w", err)
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

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
