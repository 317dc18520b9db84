package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

// startControlPlane runs the API server until it is ready, then the controllers and the scheduler; what is sent
// afterwards is the end of one that the server cannot do without.
func (s *clusterServer) startControlPlane() (<-chan error, error) {
	file := func(name string) string { return filepath.Join(s.tls, name) }
	defaults := map[string]string{
		"advertise-address": s.advertised(), "bind-address": "127.0.0.2", "secure-port": s.port, "permit-port-sharing": "true",
		"allow-privileged": "true", "anonymous-auth": "false", "authorization-mode": "Node,RBAC", "enable-admission-plugins": "NodeRestriction",
		"api-audiences":  "https://kubernetes.default.svc." + s.clusterDomain() + ",k3s",
		"client-ca-file": file("client-ca.crt"), "tls-cert-file": file("serving-kube-apiserver.crt"), "tls-private-key-file": file("serving-kube-apiserver.key"),
		"etcd-servers": localEtcd, "etcd-cafile": file("etcd/server-ca.crt"), "etcd-certfile": file("etcd/client.crt"), "etcd-keyfile": file("etcd/client.key"),
		"kubelet-certificate-authority": file("server-ca.crt"), "kubelet-client-certificate": file("client-kube-apiserver.crt"), "kubelet-client-key": file("client-kube-apiserver.key"),
		"kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
		"requestheader-client-ca-file":    file("request-header-ca.crt"), "requestheader-allowed-names": "system:auth-proxy",
		"requestheader-username-headers": "X-Remote-User", "requestheader-group-headers": "X-Remote-Group", "requestheader-extra-headers-prefix": "X-Remote-Extra-",
		"proxy-client-cert-file": file("client-auth-proxy.crt"), "proxy-client-key-file": file("client-auth-proxy.key"),
		"service-account-issuer":           "https://kubernetes.default.svc." + s.clusterDomain(),
		"service-account-key-file":         file("service.key"),
		"service-account-signing-key-file": file("service.key"),
		"service-cluster-ip-range":         s.serviceCIDR(), "service-node-port-range": s.text("service-node-port-range", "30000-32767"),
		"profiling": "false", "storage-backend": "etcd3",
	}
	if exists(s.encryptionConfig()) {
		defaults["encryption-provider-config"] = s.encryptionConfig()
	}
	if err := s.apiClient(); err != nil {
		return nil, err
	}
	info("Running kube-apiserver")
	api, err := s.programs.start("kube-apiserver", program("kube-apiserver"), flagsFrom(defaults, s.values["kube-apiserver-arg"])...)
	if err != nil {
		return nil, err
	}
	for tries := 1; ; tries++ {
		err := s.api.do("GET", "/readyz", nil, nil)
		// What it answers is "ok", which is no JSON, and that is enough.
		if err == nil {
			break
		}
		// Before the API server listens, the supervisor answers in its place: that connection is not to be kept.
		s.api.http.CloseIdleConnections()
		if !api.runs() {
			return nil, fmt.Errorf("apiserver exited: %s", api.lastWords())
		}
		if !s.etcd.process.runs() {
			return nil, fmt.Errorf("etcd exited: %s", s.etcd.process.lastWords())
		}
		if tries%50 == 0 {
			info("Waiting for API server to become available: %s", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	info("Kube API server is now running")
	s.supervisor.apiReady.Store(true)
	if err := s.startControllers(); err != nil {
		return nil, err
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
	s.api, err = newAPIClient("https://127.0.0.2:"+s.port, ca, filepath.Join(s.tls, "client-admin.crt"), filepath.Join(s.tls, "client-admin.key"))
	s.passwords = passwords{s.api}
	return err
}

// startControllers: both end whenever they lose their lease, and are begun again.
func (s *clusterServer) startControllers() error {
	file := func(name string) string { return filepath.Join(s.tls, name) }
	lease := map[string]string{"leader-elect-lease-duration": "8s", "leader-elect-renew-deadline": "6s", "leader-elect-retry-period": "2s", "profiling": "false", "port": "0"}
	for name, more := range map[string]map[string]string{
		"kube-controller-manager": {
			"allocate-node-cidrs": "false", "cluster-cidr": s.clusterCIDR(), "service-cluster-ip-range": s.serviceCIDR(), "use-service-account-credentials": "true",
			"root-ca-file": file("server-ca.crt"), "service-account-private-key-file": file("service.key"),
			"cluster-signing-kube-apiserver-client-cert-file": file("client-ca.crt"), "cluster-signing-kube-apiserver-client-key-file": file("client-ca.key"),
			"cluster-signing-kubelet-client-cert-file": file("client-ca.crt"), "cluster-signing-kubelet-client-key-file": file("client-ca.key"),
			"cluster-signing-kubelet-serving-cert-file": file("server-ca.crt"), "cluster-signing-kubelet-serving-key-file": file("server-ca.key"),
			"cluster-signing-legacy-unknown-cert-file": file("server-ca.crt"), "cluster-signing-legacy-unknown-key-file": file("server-ca.key"),
		},
		"kube-scheduler": {},
	} {
		certificate := map[string]string{"kube-controller-manager": "client-controller", "kube-scheduler": "client-scheduler"}[name]
		kubeconfig := filepath.Join(s.cred, strings.TrimPrefix(certificate, "client-")+".kubeconfig")
		if err := writeKubeconfig(kubeconfig, "https://127.0.0.2:"+s.port, file("server-ca.crt"), file(certificate+".crt"), file(certificate+".key"), 0o600); err != nil {
			return err
		}
		more["kubeconfig"], more["bind-address"] = kubeconfig, "127.0.0.1"
		more["authentication-kubeconfig"], more["authorization-kubeconfig"] = kubeconfig, kubeconfig
		for key, value := range lease {
			more[key] = value
		}
		info("Running %s", name)
		s.programs.keep(name, program(name), flagsFrom(more, s.values[name+"-arg"])...)
	}
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

// writeKubeconfig writes the administrator's, for people, with the mode that was asked for.
func (s *clusterServer) writeKubeconfig() error {
	mode, err := strconv.ParseUint(s.text("write-kubeconfig-mode", "600"), 8, 32)
	if err != nil {
		return fmt.Errorf("invalid write-kubeconfig-mode %s", s.text("write-kubeconfig-mode", ""))
	}
	admin := filepath.Join(s.tls, "client-admin")
	for path, permissions := range map[string]os.FileMode{
		s.text("write-kubeconfig", "/etc/rancher/k3s/k3s.yaml"): os.FileMode(mode), filepath.Join(s.cred, "admin.kubeconfig"): 0o600} {
		if err := writeKubeconfig(path, "https://127.0.0.1:"+s.port, filepath.Join(s.tls, "server-ca.crt"), admin+".crt", admin+".key", permissions); err != nil {
			return err
		}
		info("Wrote kubeconfig %s", path)
	}
	return nil
}

func writeKubeconfig(path, server, ca, certificate, key string, mode os.FileMode) error {
	encoded := []any{}
	for _, file := range []string{ca, certificate, key} {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		encoded = append(encoded, base64.StdEncoding.EncodeToString(content))
	}
	content := fmt.Sprintf(`apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: %s
    server: `+server+`
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: %s
    client-key-data: %s
`, encoded...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

// quiet: what Go's server has to say of clients that hang up is not for the journal.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
