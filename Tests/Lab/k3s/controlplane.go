package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// startControlPlane runs the API server until it is ready, then the controllers and the scheduler; what is sent
// afterwards is the end of one that the server cannot do without.
func (s *clusterServer) startControlPlane() (<-chan error, error) {
	if err := s.apiClient(); err != nil {
		return nil, err
	}
	info("Running kube-apiserver")
	flags := flagsFrom(s.apiServerFlags(), s.values["kube-apiserver-arg"])
	api, err := s.programs.start("kube-apiserver", program("kube-apiserver"), flags...)
	if err != nil {
		return nil, err
	}
	if err := s.awaitAPI(api); err != nil {
		return nil, err
	}
	info("Kube API server is now running")
	s.supervisor.apiReady.Store(true)
	for _, name := range []string{"kube-controller-manager", "kube-scheduler"} {
		if err := s.startController(name); err != nil {
			return nil, err
		}
	}
	failed := make(chan error, 2)
	go func() {
		<-api.ended
		failed <- fmt.Errorf("apiserver exited: %s", api.lastWords())
	}()
	go func() {
		<-s.etcd.process.ended
		if s.etcd.wasRemoved() {
			os.WriteFile(filepath.Join(s.etcd.folder, "tombstone"), nil, 0o600)
			info("this node has been removed from the cluster please restart k3s to rejoin the cluster")
			return
		}
		failed <- fmt.Errorf("etcd exited: %s", s.etcd.process.lastWords())
	}()
	return failed, nil
}

func (s *clusterServer) apiClient() (err error) {
	ca, err := loadAuthority(filepath.Join(s.tls, "server-ca"))
	if err != nil {
		return err
	}
	s.api, err = newAPIClient(s.apiURL(), ca, filepath.Join(s.tls, "client-admin"))
	s.passwords = passwords{s.api}
	return err
}

// apiURL is the API server's own address; everybody else comes through the supervisor.
func (s *clusterServer) apiURL() string { return "https://127.0.0.2:" + s.port }

func (s *clusterServer) awaitAPI(api *member) error {
	for tries := 1; ; tries++ {
		err := s.api.do("GET", "/readyz", nil, nil)
		if err == nil {
			return nil
		}
		// Before the API server listens, the supervisor answers in its place: that connection is not to be kept.
		s.api.http.CloseIdleConnections()
		if !api.runs() {
			return fmt.Errorf("apiserver exited: %s", api.lastWords())
		}
		if !s.etcd.process.runs() {
			return fmt.Errorf("etcd exited: %s", s.etcd.process.lastWords())
		}
		if tries%50 == 0 {
			info("Waiting for API server to become available: %s", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *clusterServer) apiServerFlags() map[string]string {
	file := func(name string) string { return filepath.Join(s.tls, name) }
	issuer := "https://kubernetes.default.svc." + s.clusterDomain()
	flags := map[string]string{
		"advertise-address":                  s.advertised(),
		"allow-privileged":                   "true",
		"anonymous-auth":                     "false",
		"api-audiences":                      issuer + ",k3s",
		"authorization-mode":                 "Node,RBAC",
		"bind-address":                       "127.0.0.2",
		"client-ca-file":                     file("client-ca.crt"),
		"enable-admission-plugins":           "NodeRestriction",
		"etcd-cafile":                        file("etcd/server-ca.crt"),
		"etcd-certfile":                      file("etcd/client.crt"),
		"etcd-keyfile":                       file("etcd/client.key"),
		"etcd-servers":                       localEtcd,
		"kubelet-certificate-authority":      file("server-ca.crt"),
		"kubelet-client-certificate":         file("client-kube-apiserver.crt"),
		"kubelet-client-key":                 file("client-kube-apiserver.key"),
		"kubelet-preferred-address-types":    "InternalIP,ExternalIP,Hostname",
		"permit-port-sharing":                "true",
		"profiling":                          "false",
		"proxy-client-cert-file":             file("client-auth-proxy.crt"),
		"proxy-client-key-file":              file("client-auth-proxy.key"),
		"requestheader-allowed-names":        "system:auth-proxy",
		"requestheader-client-ca-file":       file("request-header-ca.crt"),
		"requestheader-extra-headers-prefix": "X-Remote-Extra-",
		"requestheader-group-headers":        "X-Remote-Group",
		"requestheader-username-headers":     "X-Remote-User",
		"secure-port":                        s.port,
		"service-account-issuer":             issuer,
		"service-account-key-file":           file("service.key"),
		"service-account-signing-key-file":   file("service.key"),
		"service-cluster-ip-range":           s.serviceCIDR(),
		"service-node-port-range":            s.text("service-node-port-range", "30000-32767"),
		"storage-backend":                    "etcd3",
		"tls-cert-file":                      file("serving-kube-apiserver.crt"),
		"tls-private-key-file":               file("serving-kube-apiserver.key"),
	}
	if exists(s.encryptionConfig()) {
		flags["encryption-provider-config"] = s.encryptionConfig()
	}
	return flags
}

// startController runs the controller manager or the scheduler. They end whenever they lose their lease, and are begun
// again.
func (s *clusterServer) startController(name string) error {
	short := map[string]string{"kube-controller-manager": "controller", "kube-scheduler": "scheduler"}[name]
	kubeconfig := filepath.Join(s.cred, short+".kubeconfig")
	ca, pair := filepath.Join(s.tls, "server-ca.crt"), filepath.Join(s.tls, "client-"+short)
	if err := writeKubeconfig(kubeconfig, s.apiURL(), ca, pair, 0o600); err != nil {
		return err
	}
	flags := map[string]string{
		"authentication-kubeconfig":   kubeconfig,
		"authorization-kubeconfig":    kubeconfig,
		"bind-address":                "127.0.0.1",
		"kubeconfig":                  kubeconfig,
		"leader-elect-lease-duration": "8s",
		"leader-elect-renew-deadline": "6s",
		"leader-elect-retry-period":   "2s",
		"port":                        "0",
		"profiling":                   "false",
	}
	if name == "kube-controller-manager" {
		flags["allocate-node-cidrs"] = "false" // see assignPods
		flags["cluster-cidr"] = s.clusterCIDR()
		flags["root-ca-file"] = ca
		flags["service-account-private-key-file"] = filepath.Join(s.tls, "service.key")
		flags["service-cluster-ip-range"] = s.serviceCIDR()
		flags["use-service-account-credentials"] = "true"
		for signer, authority := range map[string]string{
			"kube-apiserver-client": "client-ca", "kubelet-client": "client-ca",
			"kubelet-serving": "server-ca", "legacy-unknown": "server-ca",
		} {
			flags["cluster-signing-"+signer+"-cert-file"] = filepath.Join(s.tls, authority+".crt")
			flags["cluster-signing-"+signer+"-key-file"] = filepath.Join(s.tls, authority+".key")
		}
	}
	info("Running %s", name)
	s.programs.keep(name, program(name), flagsFrom(flags, s.values[name+"-arg"])...)
	return nil
}

// flagsFrom are a program's flags; those that the configuration adds go above ours.
func flagsFrom(defaults map[string]string, more []string) (arguments []string) {
	for _, each := range more {
		name, value, _ := strings.Cut(strings.TrimLeft(each, "-"), "=")
		defaults[name] = value
	}
	for name, value := range defaults {
		arguments = append(arguments, "--"+name+"="+value)
	}
	sort.Strings(arguments)
	return arguments
}
